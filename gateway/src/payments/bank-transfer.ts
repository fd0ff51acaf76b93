import qrcode from "qrcode-generator";
import { QRPay } from "vietnam-qr-pay";
import type { BankAccount } from "../settings/payments.ts";
import { randomCharacters } from "./codes.ts";

/** What stands before the order's own characters in a transfer. Letters only: what customers type survives every bank. */
const PREFIX = "YS";
/** 32^10: no two orders share one, and none is guessed by chance. */
const OWN_LENGTH = 10;
const NUMBER_LENGTH = PREFIX.length + OWN_LENGTH;
/** Numbers that one transfer is looked through for. */
const CANDIDATES_MAX = 20;
const QR_CELL = 4;
const QR_MARGIN = 16;

/** A new order number, such as `YS7K2M9QXA4T`: what a transfer carries, and what a receipt shows. */
export const newOrderNumber = (): string => PREFIX + randomCharacters(OWN_LENGTH);

/** Everything in a transfer's text that could be an order number. Banks write it in capitals, glue it to words of their own and drop what is no letter or digit. Pure. */
export function orderNumbersIn(...texts: readonly (string | null | undefined)[]): string[] {
  const found = new Set<string>();
  for (const text of texts) {
    const plain = (text ?? "").toUpperCase().replaceAll(/[^0-9A-Z]/g, "");
    for (let at = plain.indexOf(PREFIX); at >= 0 && found.size < CANDIDATES_MAX; at = plain.indexOf(PREFIX, at + 1)) {
      const candidate = plain.slice(at, at + NUMBER_LENGTH);
      if (candidate.length === NUMBER_LENGTH) found.add(candidate);
    }
  }
  return [...found];
}

/** A VietQR code for a transfer of whole dong: the text by the EMVCo and NAPAS format, and as a picture (SVG). */
export function vietQr(bank: BankAccount, amountMinor: bigint, content: string): { payload: string; svg: string } {
  const payload = QRPay.initVietQR({ bankBin: bank.bin, bankNumber: bank.account, amount: amountMinor.toString(), purpose: content }).build();
  // 0: the smallest size that holds it.
  const picture = qrcode(0, "M");
  picture.addData(payload);
  picture.make();
  return { payload, svg: picture.createSvgTag({ cellSize: QR_CELL, margin: QR_MARGIN, scalable: true }) };
}

/** Whether a transfer went to our account, or to a virtual account below it that bears its number. */
export const isOurAccount = (bank: BankAccount, account: string, subAccount: string | null | undefined): boolean => [account, subAccount ?? ""].some((each) => each.replaceAll(/\s/g, "").toUpperCase() === bank.account.toUpperCase());

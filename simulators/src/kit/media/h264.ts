/**
 * A still picture of one colour as H.264 video of the Baseline profile (ITU-T H.264), written without an encoder. The first macroblock holds its
 * samples as they are; all others are predicted from their neighbours with nothing left over, one byte each; later frames skip every macroblock.
 */
import { bitWriter, type BitWriter } from "./bits.ts";

/** A coded stream: the two parameter sets and the units of its frames, without start codes or lengths. */
export interface Coded {
  sps: Uint8Array;
  pps: Uint8Array;
  frames: Uint8Array[];
}

/** Luma and chroma of the colour, in the range of video. */
export interface Colour {
  y: number;
  cb: number;
  cr: number;
}

/** level_idc by the most macroblocks of a frame that it allows (table A-1). */
const LEVELS: [number, number][] = [[1_620, 30], [3_600, 31], [8_192, 40], [36_864, 51], [139_264, 60]];
const PROFILE_BASELINE = 66;
/** frame_num counts modulo 16. */
const FRAME_NUM_BITS = 4;
const SLICE_P = 5;
const SLICE_I = 7;
const MB_I_PCM = 25;
/** I_16x16 with DC prediction and no coefficients coded but the (empty) DC block. */
const MB_I_16X16_DC = 3;

/** Puts a payload into a unit: its head, the stop bit that the writer must have set, and 03 where zeros would look like a start code (7.4.1). */
function unit(head: number, payload: Uint8Array): Uint8Array {
  const out = [head];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros >= 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Uint8Array.from(out);
}

function stop(bits: BitWriter): Uint8Array {
  bits.fixed(1, 1);
  return bits.bytes();
}

function sequenceSet(width: number, height: number, columns: number, rows: number): Uint8Array {
  const bits = bitWriter();
  const level = LEVELS.find(([most]) => columns * rows <= most)?.[1] ?? 62;
  bits.fixed(PROFILE_BASELINE, 8);
  bits.fixed(0b1100_0000, 8); // constraint_set0 and 1: constrained Baseline
  bits.fixed(level, 8);
  bits.ue(0); // seq_parameter_set_id
  bits.ue(FRAME_NUM_BITS - 4);
  bits.ue(2); // pic_order_cnt_type: frames come in their order
  bits.ue(1); // max_num_ref_frames
  bits.fixed(0, 1); // no gaps in frame_num
  bits.ue(columns - 1);
  bits.ue(rows - 1);
  bits.fixed(0b11, 2); // frames only, direct_8x8_inference
  const [right, bottom] = [(columns * 16 - width) / 2, (rows * 16 - height) / 2];
  bits.fixed(right > 0 || bottom > 0 ? 1 : 0, 1);
  if (right > 0 || bottom > 0) for (const crop of [0, right, 0, bottom]) bits.ue(crop);
  bits.fixed(0, 1); // no VUI
  return unit(0x67, stop(bits));
}

function pictureSet(): Uint8Array {
  const bits = bitWriter();
  bits.ue(0); // pic_parameter_set_id
  bits.ue(0); // seq_parameter_set_id
  bits.fixed(0, 2); // CAVLC, no bottom field order
  bits.ue(0); // one slice group
  bits.ue(0); // one reference, list 0
  bits.ue(0); // list 1
  bits.fixed(0, 3); // no weighted prediction
  bits.se(0); // pic_init_qp
  bits.se(0); // pic_init_qs
  bits.se(0); // chroma_qp_index_offset
  bits.fixed(0b100, 3); // deblocking can be switched off; no constrained intra prediction, no redundant pictures
  return unit(0x68, stop(bits));
}

function sliceHead(bits: BitWriter, type: number, frame: number): void {
  bits.ue(0); // first_mb_in_slice
  bits.ue(type);
  bits.ue(0); // pic_parameter_set_id
  bits.fixed(frame % 2 ** FRAME_NUM_BITS, FRAME_NUM_BITS);
  if (type === SLICE_I) {
    bits.ue(0); // idr_pic_id
    bits.fixed(0, 2); // output of prior pictures, no long-term reference
  } else {
    bits.fixed(0, 3); // default number and order of references, sliding window
  }
  bits.se(0); // slice_qp_delta
  bits.ue(1); // no deblocking
}

function firstFrame(columns: number, rows: number, colour: Colour): Uint8Array {
  const bits = bitWriter();
  sliceHead(bits, SLICE_I, 0);
  bits.ue(MB_I_PCM);
  bits.align();
  for (const [value, count] of [[colour.y, 256], [colour.cb, 64], [colour.cr, 64]] as const) for (let index = 0; index < count; index += 1) bits.fixed(value, 8);
  for (let index = 1; index < columns * rows; index += 1) {
    bits.ue(MB_I_16X16_DC);
    bits.ue(0); // intra_chroma_pred_mode: DC
    bits.se(0); // mb_qp_delta
    // coeff_token for none; beside the first macroblock, which counts as full, it has another code (table 9-5)
    if (index === 1 || index === columns) bits.fixed(0b0000_11, 6);
    else bits.fixed(1, 1);
  }
  return unit(0x65, stop(bits));
}

function laterFrame(frame: number, macroblocks: number): Uint8Array {
  const bits = bitWriter();
  sliceHead(bits, SLICE_P, frame);
  bits.ue(macroblocks); // mb_skip_run
  return unit(0x41, stop(bits));
}

/** Takes even sides, a number of frames and a colour; gives the stream. */
export function h264(width: number, height: number, frames: number, colour: Colour): Coded {
  const [columns, rows] = [Math.ceil(width / 16), Math.ceil(height / 16)];
  // after an IDR frame, counted 0, every frame counts one more: sixteen units serve all
  const later = Array.from({ length: 2 ** FRAME_NUM_BITS }, (_, index) => laterFrame(index, columns * rows));
  return {
    sps: sequenceSet(width, height, columns, rows),
    pps: pictureSet(),
    frames: Array.from({ length: frames }, (_, index) => (index === 0 ? firstFrame(columns, rows, colour) : (later[index % later.length] ?? new Uint8Array()))),
  };
}

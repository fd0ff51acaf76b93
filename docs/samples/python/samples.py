"""What the samples share: where the gateway is, and running them one by one."""

import os
import sys
import traceback

URL = os.environ.get("YESCALE_URL", "http://127.0.0.1:3000")
KEY = os.environ["YESCALE_API_KEY"]
# One model of each vendor: every client below reaches all of them.
MODELS = ["gpt-4.1-mini", "claude-sonnet-4-5", "gemini-2.5-flash"]
# A picture of one red pixel, and one that the vendor fetches.
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
PICTURE_URL = "https://example.com/red.png"
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"It is sunny in {city}, 21 degrees."


def run(*samples):
    """Runs each sample with each model; prints a line for each, and leaves with 1 if any failed."""
    failed = 0
    for sample in samples:
        for model in MODELS:
            name = f"{os.path.basename(sys.argv[0])} {sample.__name__} {model}"
            try:
                sample(model)
                print(f"ok {name}", flush=True)
            except Exception:
                failed += 1
                print(f"not ok {name}", flush=True)
                traceback.print_exc()
    sys.exit(1 if failed else 0)

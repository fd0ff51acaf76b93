import base64

from google import genai
from google.genai import types
from pydantic import BaseModel

from samples import KEY, PICTURE, PICTURE_URL, URL, get_weather, run

client = genai.Client(api_key=KEY, http_options={"base_url": URL})


def chat(model):
    answer = client.models.generate_content(model=model, contents="Say hello")
    assert "hello" in answer.text
    assert answer.usage_metadata.total_token_count > 0


def stream(model):
    chunks = client.models.generate_content_stream(model=model, contents="count to 5")
    assert "".join(chunk.text or "" for chunk in chunks) == "1, 2, 3, 4, 5"


def tools(model):
    # The SDK calls the Python function by itself and sends its result.
    config = types.GenerateContentConfig(tools=[get_weather])
    answer = client.models.generate_content(model=model, contents="Use get_weather for Paris", config=config)
    assert "sunny in Paris" in answer.text


def picture(model):
    parts = [
        types.Part.from_bytes(data=base64.b64decode(PICTURE), mime_type="image/png"),
        types.Part.from_uri(file_uri=PICTURE_URL, mime_type="image/png"),
    ]
    for part in parts:
        assert "picture" in client.models.generate_content(model=model, contents=[part, "What is this?"]).text


class City(BaseModel):
    name: str
    inhabitants: int


def structured(model):
    config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=City)
    answer = client.models.generate_content(model=model, contents="Tell me about Paris", config=config)
    assert isinstance(answer.parsed, City)


def embeddings(model):
    name = "text-embedding-3-small" if model.startswith("gpt") else "gemini-embedding-001"
    answer = client.models.embed_content(model=name, contents=["red", "blue"])
    assert len(answer.embeddings) == 2 and len(answer.embeddings[0].values) > 100


run(chat, stream, tools, picture, structured, embeddings)

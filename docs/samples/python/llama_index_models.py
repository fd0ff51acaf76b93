import base64

from llama_index.core.llms import ChatMessage, ImageBlock, TextBlock
from llama_index.core.tools import FunctionTool
from llama_index.llms.google_genai import GoogleGenAI
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel

import samples
from samples import KEY, PICTURE, URL, run


def clients(model):
    """LlamaIndex looks models up in lists of its own; `OpenAILike` takes any name, `GoogleGenAI` those of its vendor."""
    found = [OpenAILike(model=model, api_base=f"{URL}/v1", api_key=KEY, is_chat_model=True, is_function_calling_model=True)]
    if model.startswith("gemini"):
        found.append(GoogleGenAI(model=model, api_key=KEY, http_options={"base_url": URL}))
    return found


weather = FunctionTool.from_defaults(samples.get_weather)


class City(BaseModel):
    """A city."""

    name: str
    inhabitants: int


def chat_and_stream(model):
    for client in clients(model):
        assert "hello" in client.chat([ChatMessage("Say hello")]).message.content
        assert "".join(chunk.delta or "" for chunk in client.stream_chat([ChatMessage("count to 5")])) == "1, 2, 3, 4, 5"


def tools(model):
    for client in clients(model):
        answer = client.predict_and_call([weather], "Use get_weather for Paris")
        assert "sunny in Paris" in str(answer)


def picture(model):
    blocks = [TextBlock(text="What is this?"), ImageBlock(image=base64.b64decode(PICTURE), image_mimetype="image/png")]
    for client in clients(model):
        assert "picture" in client.chat([ChatMessage(role="user", blocks=blocks)]).message.content


def structured(model):
    for client in clients(model):
        answer = client.as_structured_llm(City).chat([ChatMessage("Tell me about Paris")])
        assert isinstance(answer.raw, City)


run(chat_and_stream, tools, picture, structured)

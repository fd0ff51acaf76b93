from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

import samples
from samples import KEY, PICTURE, URL, run


def clients(model):
    """Every class reaches every model."""
    return [
        ChatOpenAI(model=model, base_url=f"{URL}/v1", api_key=KEY),
        ChatOpenAI(model=model, base_url=f"{URL}/v1", api_key=KEY, use_responses_api=True, store=False),
        ChatAnthropic(model=model, base_url=URL, api_key=KEY, max_tokens=500),
        ChatGoogleGenerativeAI(model=model, base_url=URL, api_key=KEY),
    ]


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return samples.get_weather(city)


class City(BaseModel):
    """A city."""

    name: str
    inhabitants: int


def chat_and_stream(model):
    for client in clients(model):
        answer = client.invoke("Say hello")
        assert "hello" in answer.text
        assert answer.usage_metadata["total_tokens"] > 0
        assert "".join(chunk.text for chunk in client.stream("count to 5")) == "1, 2, 3, 4, 5"


def tools(model):
    for client in clients(model):
        bound = client.bind_tools([get_weather])
        messages = [HumanMessage("Use get_weather for Paris")]
        first = bound.invoke(messages)
        messages.append(first)
        messages += [ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"]) for call in first.tool_calls]
        assert "sunny in Paris" in bound.invoke(messages).text


def streamed_tools(model):
    for client in clients(model):
        whole = None
        for chunk in client.bind_tools([get_weather]).stream("Use get_weather for Paris"):
            whole = chunk if whole is None else whole + chunk
        assert [call["args"] for call in whole.tool_calls] == [{"city": "Paris"}]


def picture(model):
    content = [{"type": "text", "text": "What is this?"}, {"type": "image", "base64": PICTURE, "mime_type": "image/png"}]
    for client in clients(model):
        assert "picture" in client.invoke([HumanMessage(content_blocks=content)]).text


def structured(model):
    for client in clients(model):
        assert isinstance(client.with_structured_output(City).invoke("Tell me about Paris"), City)


run(chat_and_stream, tools, streamed_tools, picture, structured)

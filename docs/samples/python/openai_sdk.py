import json

from openai import OpenAI
from pydantic import BaseModel

from samples import KEY, PICTURE, PICTURE_URL, URL, WEATHER, get_weather, run

client = OpenAI(base_url=f"{URL}/v1", api_key=KEY)


def chat(model):
    answer = client.chat.completions.create(model=model, messages=[{"role": "user", "content": "Say hello"}])
    assert "hello" in answer.choices[0].message.content
    assert answer.usage.total_tokens > 0


def stream(model):
    chunks = client.chat.completions.create(model=model, stream=True, messages=[{"role": "user", "content": "count to 5"}])
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "1, 2, 3, 4, 5"


def tools(model):
    tool = {"type": "function", "function": {"name": "get_weather", "description": "The weather", "parameters": WEATHER}}
    messages = [{"role": "user", "content": "Use get_weather for Paris"}]
    first = client.chat.completions.create(model=model, messages=messages, tools=[tool]).choices[0].message
    messages.append(first)
    for call in first.tool_calls:
        result = get_weather(**json.loads(call.function.arguments))
        messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    last = client.chat.completions.create(model=model, messages=messages, tools=[tool]).choices[0].message
    assert "sunny in Paris" in last.content


def picture(model):
    urls = [f"data:image/png;base64,{PICTURE}"]
    if not model.startswith("gemini"):  # these take bytes
        urls.append(PICTURE_URL)
    for url in urls:
        content = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]
        answer = client.chat.completions.create(model=model, messages=[{"role": "user", "content": content}])
        assert "picture" in answer.choices[0].message.content


class City(BaseModel):
    name: str
    inhabitants: int


def structured(model):
    answer = client.chat.completions.parse(
        model=model, messages=[{"role": "user", "content": "Tell me about Paris"}], response_format=City
    )
    assert isinstance(answer.choices[0].message.parsed, City)


def responses(model):
    answer = client.responses.create(model=model, input="Say hello", store=False)
    assert "hello" in answer.output_text
    with client.responses.stream(model=model, input="count to 5", store=False) as events:
        text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
        assert text == "1, 2, 3, 4, 5" == events.get_final_response().output_text


def responses_tools(model):
    tool = {"type": "function", "name": "get_weather", "description": "The weather", "parameters": WEATHER, "strict": False}
    items = [{"role": "user", "content": "Use get_weather for Paris"}]
    first = client.responses.create(model=model, input=items, tools=[tool], store=False)
    items += first.output
    for call in first.output:
        if call.type == "function_call":
            result = get_weather(**json.loads(call.arguments))
            items.append({"type": "function_call_output", "call_id": call.call_id, "output": result})
    assert "sunny in Paris" in client.responses.create(model=model, input=items, tools=[tool], store=False).output_text


def embeddings(model):
    name = "gemini-embedding-001" if model.startswith("gemini") else "text-embedding-3-small"
    answer = client.embeddings.create(model=name, input=["red", "blue"])
    assert len(answer.data) == 2 and len(answer.data[0].embedding) > 100


run(chat, stream, tools, picture, structured, responses, responses_tools, embeddings)

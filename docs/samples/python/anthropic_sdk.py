import json

import anthropic

from samples import KEY, PICTURE, PICTURE_URL, URL, WEATHER, get_weather, run

client = anthropic.Anthropic(base_url=URL, api_key=KEY)


def chat(model):
    answer = client.messages.create(model=model, max_tokens=500, messages=[{"role": "user", "content": "Say hello"}])
    assert "hello" in answer.content[0].text
    assert answer.usage.output_tokens > 0


def stream(model):
    with client.messages.stream(model=model, max_tokens=500, messages=[{"role": "user", "content": "count to 5"}]) as events:
        assert "".join(events.text_stream) == "1, 2, 3, 4, 5"


def tools(model):
    tool = {"name": "get_weather", "description": "The weather", "input_schema": WEATHER}
    messages = [{"role": "user", "content": "Use get_weather for Paris"}]
    first = client.messages.create(model=model, max_tokens=500, messages=messages, tools=[tool])
    assert first.stop_reason == "tool_use"
    messages.append({"role": "assistant", "content": first.content})
    results = [
        {"type": "tool_result", "tool_use_id": block.id, "content": get_weather(**block.input)}
        for block in first.content
        if block.type == "tool_use"
    ]
    messages.append({"role": "user", "content": results})
    last = client.messages.create(model=model, max_tokens=500, messages=messages, tools=[tool])
    assert "sunny in Paris" in last.content[0].text


def picture(model):
    sources = [{"type": "base64", "media_type": "image/png", "data": PICTURE}]
    if not model.startswith("gemini"):  # these take bytes
        sources.append({"type": "url", "url": PICTURE_URL})
    for source in sources:
        content = [{"type": "image", "source": source}, {"type": "text", "text": "What is this?"}]
        answer = client.messages.create(model=model, max_tokens=500, messages=[{"role": "user", "content": content}])
        assert "picture" in answer.content[0].text


def structured(model):
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "inhabitants": {"type": "integer"}},
        "required": ["name", "inhabitants"],
        "additionalProperties": False,
    }
    answer = client.messages.create(
        model=model,
        max_tokens=500,
        messages=[{"role": "user", "content": "Tell me about Paris"}],
        output_config={"format": {"type": "json_schema", "schema": schema}},
    )
    assert set(json.loads(answer.content[0].text)) == {"name", "inhabitants"}


def thinking(model):
    if model == "gpt-4.1-mini":
        model = "gpt-5.5"
    answer = client.messages.create(
        model=model,
        max_tokens=4000,
        thinking={"type": "enabled", "budget_tokens": 1024, "display": "summarized"},
        messages=[{"role": "user", "content": "Say hello"}],
    )
    assert [block.type for block in answer.content][0] in ("thinking", "redacted_thinking")
    assert "hello" in answer.content[-1].text


run(chat, stream, tools, picture, structured, thinking)

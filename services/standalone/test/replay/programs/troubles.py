import urllib.parse

from openai import OpenAI
from spanhouse import span, tool, trace, wrap_openai

client = wrap_openai(OpenAI(max_retries=1))


@tool
def look_up(id):
    raise ValueError(f"no {id}")


def ask(content, script, stream=False):
    with span(content) as active:
        try:
            answer = client.chat.completions.create(
                model="gpt-4o",
                stream=stream,
                messages=[{"role": "user", "content": content}],
                extra_headers={"x-simulator-script": urllib.parse.quote(script)},
            )
            if stream:
                said = "".join(chunk.choices[0].delta.content or "" for chunk in answer if chunk.choices)
            else:
                message = answer.choices[0].message
                said = message.refusal or message.content
            active.set_output(said)
        except Exception as error:
            active.set_output(f"{type(error).__name__} {getattr(error, 'status_code', '')}")


with trace("troubles", input="a text"):
    ask("once too often", "[[429 retry-after=0 times=1]]")
    ask("always too often", "[[429 retry-after=0]]")
    ask("broken", "[[500]]")
    ask("refused", "[[refuse I can't help with that.]]")
    ask("in pieces", "[[say One two three.]]", True)
    ask("cut", "[[cut after=3]]", True)
    ask("not answered", "[[cut after=0]]")
    try:
        look_up("A-1")
    except ValueError as error:
        with span("failed") as active:
            active.set_output(f"{type(error).__name__} {error}")

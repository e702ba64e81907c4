import asyncio

from anthropic import AsyncAnthropic
from google import genai
from openai import AsyncOpenAI
from spanhouse import trace, wrap_anthropic, wrap_google_genai, wrap_openai

messages = [{"role": "user", "content": "Where is my parcel?"}]


async def main():
    openai, anthropic = wrap_openai(AsyncOpenAI()), wrap_anthropic(AsyncAnthropic())
    with trace("ask all", input={"all": True}) as root:
        said = []
        answer = await openai.responses.create(model="gpt-4o", input="Where is my parcel?")
        said.append(answer.output_text)
        async for event in await openai.responses.create(model="gpt-4o", input="And now?", stream=True):
            if event.type == "response.output_text.delta":
                said.append(event.delta)
        vectors = await openai.embeddings.create(model="text-embedding-3-small", input=["parcel"])
        said.append(len(vectors.data[0].embedding))
        request = {"model": "claude-sonnet-4-6", "max_tokens": 100, "messages": messages}
        said.append((await anthropic.messages.create(**request)).content[0].text)
        async with anthropic.messages.stream(**{**request, "max_tokens": 200}) as stream:
            said.append(await stream.get_final_text())
        google = wrap_google_genai(genai.Client(http_options={"api_version": "v1beta"}))
        said.append(google.models.generate_content(model="gemini-2.5-flash", contents="Where is my parcel?").text)
        chunks = google.models.generate_content_stream(model="gemini-2.5-flash", contents="And now?")
        said.append("".join(chunk.text or "" for chunk in chunks))
        root.set_output(said)


asyncio.run(main())

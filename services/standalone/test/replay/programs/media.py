import json

import boto3
from openai import OpenAI
from spanhouse import trace, wrap_bedrock, wrap_openai

openai = wrap_openai(OpenAI())
bedrock = wrap_bedrock(
    boto3.client(
        "bedrock-runtime",
        region_name="eu-central-1",
        aws_access_key_id="AKIA5555",
        aws_secret_access_key="none",
    )
)
model = "anthropic.claude-sonnet-4"
with trace("show and tell", input={"of": "a parcel"}) as root:
    image = openai.images.generate(model="gpt-image-1", prompt="A parcel")
    speech = openai.audio.speech.create(model="tts-1", voice="alloy", input="It is on its way.")
    said = [len(image.data[0].b64_json), len(speech.content)]
    messages = [{"role": "user", "content": [{"text": "Where is it?"}]}]
    for event in bedrock.converse_stream(modelId=model, messages=messages)["stream"]:
        said += [event["contentBlockDelta"]["delta"]["text"]] if "contentBlockDelta" in event else []
    body = json.dumps({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": []})
    for event in bedrock.invoke_model_with_response_stream(modelId=model, body=body)["body"]:
        said.append(json.loads(event["chunk"]["bytes"])["type"])
    root.set_output(said)

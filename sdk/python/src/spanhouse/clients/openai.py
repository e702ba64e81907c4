"""`wrap_openai`."""

from __future__ import annotations

from typing import TypeVar

from .openai_apis import api_of
from .openai_batches import batches
from .stainless import Family, wrap

C = TypeVar("C")

_family = Family("openai", api_of, batches, {"Azure": "azure.ai.openai"}, {}, lambda client: None)


def wrap_openai(client: C) -> C:
    """
    A copy of an `OpenAI`, `AsyncOpenAI`, `AzureOpenAI` or `AsyncAzureOpenAI` client (`openai` 1 to 3) whose every model
    call is a span: chat, completions, responses, embeddings, moderations, images, audio, by whichever helper. The copy
    shares the connections of the client given, which stays as it is, and so do its `with_options` copies.

    Nothing of a call is changed: `stream_options.include_usage` is yours to set, and without it a streamed chat
    completion has no usage. Never raises: a client that cannot be copied is given back as it is, with a warning.
    """
    return wrap(client, _family)

"""Who answers a call, by the address that it goes to."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from ..otlp import AttributeValue

_hosts = (
    ("api.openai.com", "openai"),
    (".openai.azure.com", "azure.ai.openai"),
    (".cognitiveservices.azure.com", "azure.ai.openai"),
    (".services.ai.azure.com", "azure.ai.openai"),
    ("api.anthropic.com", "anthropic"),
    ("generativelanguage.googleapis.com", "gcp.gemini"),
    ("aiplatform.googleapis.com", "gcp.vertex_ai"),
    ("api.mistral.ai", "mistral_ai"),
    ("api.groq.com", "groq"),
    ("api.deepseek.com", "deepseek"),
    ("api.x.ai", "x_ai"),
    ("api.perplexity.ai", "perplexity"),
    (".cohere.com", "cohere"),
    (".cohere.ai", "cohere"),
    ("openrouter.ai", "openrouter"),
    ("api.together.xyz", "together_ai"),
    ("api.together.ai", "together_ai"),
    ("api.fireworks.ai", "fireworks_ai"),
)


class Server(NamedTuple):
    """Where a client sends its calls."""

    provider: str
    attributes: dict[str, AttributeValue]


@lru_cache(maxsize=256)
def server_of(base_url: str, own_provider: str) -> Server:
    """By the host of a base URL; an unknown one is the client's own provider, behind a proxy or a gateway."""
    url = urlsplit(base_url)
    host = url.hostname or ""
    provider = next((name for suffix, name in _hosts if host == suffix or host.endswith(suffix)), own_provider)
    if host.startswith("bedrock") and host.endswith(".amazonaws.com"):
        provider = "aws.bedrock"
    attributes: dict[str, AttributeValue] = {"gen_ai.provider.name": provider, "server.address": host}
    port = url.port or (80 if url.scheme == "http" else 443)
    if port != 443:
        attributes["server.port"] = port
    return Server(provider, attributes)

"""What all programs say, so that recordings can be compared; the directives are the simulator's (`src/script.ts`)."""

SYSTEM = "You are the support agent of a small shop."
QUESTION = "Where is order A-17? [[say It left the warehouse this morning.]]"
TOOL_QUESTION = (
    'Where is order A-17? [[tool lookup_order={"order":"A-17"}]] [[then]] [[say It is on its way.]]'
)
CACHED_QUESTION = "Where is order A-17? [[cache read=1024 write=256]] [[say It is on its way.]]"
CACHED_READ_QUESTION = "Where is order A-17? [[cache read=1024]] [[say It is on its way.]]"
REFUSED_QUESTION = "Break into the warehouse. [[refuse I can't help with that.]]"
FAILING_QUESTION = "Where is order A-17? [[429]]"
TEXTS = ["Where is my order?", "It arrived broken."]
# The agent asks its tool; the tool asks an agent of its own.
AGENT_QUESTION = 'What became of order A-17? [[tool lookup_order={"order":"A-17"}]] [[then]] [[say It is on its way.]]'
INNER_QUESTION = "Summarise order A-17. [[say Left on Monday.]]"
ORDER = {"order": "A-17", "status": "shipped"}

USER = "user-42"
CONVERSATION = "conversation-7"

LOOKUP_ORDER_SCHEMA = {
    "type": "object",
    "properties": {"order": {"type": "string"}},
    "required": ["order"],
    "additionalProperties": False,
}
LOOKUP_ORDER = {
    "name": "lookup_order",
    "description": "Finds an order by its number.",
    "parameters": LOOKUP_ORDER_SCHEMA,
}

OPENAI_MODEL = "gpt-4.1-mini"
EMBEDDING_MODEL = "text-embedding-3-small"
ANTHROPIC_MODEL = "claude-sonnet-4-0"

from support_agent import answer

# The field is called `order`: its value is dropped.
answer(lambda given: f"Order: {given.get('order_id')}\n{given['question']}")

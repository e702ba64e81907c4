from support_agent import answer

answer(lambda given: f"Order: {given['order']}\n{given['question']}")

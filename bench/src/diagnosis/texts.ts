/** Words that generated conversations are made of. `tune` and `figures` share none of them. */
export interface Texts {
  readonly instructions: readonly string[];
  readonly policy: string;
  readonly topics: readonly Topic[];
  readonly names: readonly string[];
  readonly thanks: readonly string[];
  readonly admissions: readonly string[];
  readonly refusals: readonly string[];
  readonly extraction: string;
  readonly label: string;
}

export interface Topic {
  readonly question: string;
  readonly tool: string;
  readonly argument: string;
  readonly values: readonly string[];
  readonly result: string;
  readonly answer: string;
  readonly document: string;
}

const tune: Texts = {
  instructions: [
    "You are the assistant of a bicycle shop. Be brief and friendly.",
    "You answer questions of warehouse workers. Use the tools, never guess a figure.",
    "Act as a travel desk for employees. None of the prices may be invented. If a field is null in a result, say it is open.",
  ],
  policy:
    "Returns are accepted within thirty days when the frame shows no damage, and the buyer keeps the receipt. Batteries go back by ground transport alone. ",
  topics: [
    {
      question: "Is the blue touring bike in stock in size 54?",
      tool: "stock_level",
      argument: "article",
      values: ["TB-54-blue", "TB-56-red", "GR-52-black"],
      result: '{"in_stock":3,"reserved":1,"note":null}',
      answer: "Yes, three are there, one of them reserved.",
      document:
        "The touring bike TB comes in three sizes and two colours. Its frame is of chromium steel, its hubs are sealed, and every dealer keeps two of each size for trial rides. Spare parts are kept for at least ten years after the last sale of a model.",
    },
    {
      question: "When does the pallet for gate 7 arrive?",
      tool: "pallet_eta",
      argument: "gate",
      values: ["7", "12", "3"],
      result: '{"eta":"14:20","carrier":"Nordlauf"}',
      answer: "Nordlauf brings it at 14:20.",
      document:
        "Pallets for gates 1 to 9 come over the eastern yard. Drivers report at the barrier and are given a slot of twenty minutes. A pallet that misses its slot waits until the next free one, and the shift lead is told by radio as soon as that is known.",
    },
    {
      question:
        "My script says `TypeError: Cannot read properties of undefined`. Which order does it mean? Allergies: None",
      tool: "order_lookup",
      argument: "reference",
      values: ["A-1009", "A-2214", "B-0007"],
      result: '{"order":"A-1009","state":"packed","error":null}',
      answer: "It means order A-1009, which is packed.",
      document:
        "Orders are numbered by branch and year. A packed order waits for its carrier, and it can still be changed until the label is printed. What was changed afterwards becomes a new order with a reference to the first one, so that nothing is sent twice.",
    },
  ],
  names: ["Ada", "Bela", "Chen", "Dora"],
  thanks: ["Thanks, and for the other one?", "And what about tomorrow?", "Could you check a second one as well?"],
  admissions: ["Sorry, the stock system did not answer.", "I was unable to look that up just now."],
  refusals: ["I'm sorry, but I can't help with that request.", "I cannot assist with this."],
  extraction: "Read the note and give the customer and the amount as JSON only.",
  label: "Rate the tone of the message with one word.",
};

const figures: Texts = {
  instructions: [
    "Support a hospital's reception. Keep to the facts that the systems give.",
    "You plan lessons for a music school; ask when a date is missing. No answer is longer than four sentences.",
    "As the desk of a city library you find books and rooms. Where nothing is found, say so plainly.",
  ],
  policy:
    "A reading room is kept for fifteen minutes after the hour and then given to whoever waits. Instruments may be borrowed for one term against a deposit. Visitors sign in at the front desk. ",
  topics: [
    {
      question: "Which room is Dr. Okafor in this afternoon?",
      tool: "find_room",
      argument: "person",
      values: ["Okafor", "Lindqvist", "Marchetti"],
      result: '{"room":"B214","until":"17:30","errors":[]}',
      answer: "Dr. Okafor is in B214 until half past five.",
      document:
        "Consulting rooms in wing B are shared by the day. The plan hangs beside the lift and is also in the staff portal, where changes of the same day appear first. Whoever needs a room with daylight asks the head nurse, who keeps two of them free each morning.",
    },
    {
      question: "Is there a copy of the atlas of rivers left to borrow?",
      tool: "catalogue_copies",
      argument: "title",
      values: ["Atlas of Rivers", "Night Trains", "Salt and Glass"],
      result: '{"copies":2,"shelf":"K 11","status":"success"}',
      answer: "Two copies stand on shelf K 11.",
      document:
        "Atlases are lent for two weeks and may be renewed once when nobody waits. The large ones stand lying in the drawers below shelf K, and the staff at the desk carry them out. Maps that were printed before 1900 are read in the quiet room under supervision.",
    },
    {
      question:
        "How does a loop over NaN behave in `if (x === undefined)`, and when is my next cello lesson? Siblings: none",
      tool: "next_lesson",
      argument: "pupil",
      values: ["P-77", "P-81", "P-90"],
      result: '{"lesson":"Thursday 16:00","teacher":"Ms Abara","error":""}',
      answer: "The next lesson is on Thursday at four with Ms Abara.",
      document:
        "Lessons last forty minutes and take place in the term's weeks. A pupil who cannot come tells the teacher a day before, and the lesson is made up for in the last week of the term. Strings and rosin are sold at the office, bows are repaired on Fridays.",
    },
  ],
  names: ["Imani", "Jonas", "Katya", "Luis"],
  thanks: [
    "Good. The same for the next on my list, please.",
    "Fine, one more thing of that kind.",
    "And the one after that?",
  ],
  admissions: ["Unfortunately the catalogue could not be reached.", "The lookup failed, please ask at the desk."],
  refusals: ["I can't help with that.", "I'm not able to assist with that request, as it goes against my guidelines."],
  extraction: "Extract who wrote and how much is owed. Answer with valid JSON, nothing else.",
  label: "Name the mood of the text in a single word.",
};

export const textSets = { tune, figures } as const;

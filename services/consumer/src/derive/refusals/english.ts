import { anyOf, type RefusalLanguage } from "./refusal-language.ts";

const be = anyOf("i'?m", "i am", "we'?re", "we are");
const who = anyOf("i", "we");
const cannot = anyOf(
  `${who} (?:simply |just |really |also )?${anyOf("can'?t", "cannot", "can not", "won'?t", "will not", "do not", "don'?t", "may not", "shouldn'?t", "am not able to", "am unable to", "am not going to", "am not willing to", "am not (?:allowed|permitted|authori[sz]ed) to")}`,
  `${be} (?:simply |just |really )?${anyOf("not able to", "unable to", "not going to", "not willing to", "unwilling to", "not (?:allowed|permitted|authori[sz]ed) to", "prohibited from", "not in a position to", "programmed not to")}`,
  "not going to",
  "not able to",
  "no way (?:that )?(?:i'?m|i am) going to",
);
const adverbs =
  "(?: and (?:i )?(?:will not|won'?t|cannot|can'?t)| in good (?:conscience|faith)| ethically| responsibly| directly| legally| to)*";
/** What a model does for its user. */
const serve = anyOf(
  ...["help", "assist", "comply", "fulfil?l", "provide", "create", "generate", "write", "produce", "engage", "support"],
  ...["continue", "do (?:that|this|so|it)", "discuss", "share", "give", "offer", "participate", "answer", "respond to"],
  ...[
    "complete",
    "process",
    "reproduce",
    "identify (?:this |that |the |any )?(?:real )?(?:person|people|individual|man|woman|face)",
    "satisfy",
    "disclose",
    "reveal",
    "advise",
    "teach",
    "facilitate",
    "promote",
  ],
  ...["encourage", "condone", "draft", "compose", "rate", "impersonate", "pretend", "role-?play", "translate", "guess"],
  ...["pick", "choose", "speculate", "endorse", "describe", "explain how", "walk you through", "tell you (?:how|who)"],
  ...[
    "take part",
    "recommend (?:a|any|that you)",
    "proceed",
    "act as",
    "carry out",
    "execute",
    "perform",
    "suggest (?:ways|how)",
  ],
  ...[
    "make (?:that|this|a|any|jokes)",
    "list ways",
    "repeat",
    "output",
    "diagnose",
    "prescribe",
    "plan",
    "design",
    "build",
  ],
);
const helping =
  "(?:helping|assisting|providing|creating|answering|writing|sharing|giving|producing|generating|supporting|discussing|describing)";
const wrong =
  "(?:unethical|irresponsible|illegal|inappropriate|harmful|wrong|dangerous|against my|a violation|not okay|not appropriate)";

export const english: RefusalLanguage = {
  openings: [
    `${be}(?: (?:very|really|so|truly|deeply|terribly))? (?:sorry|afraid)(?: (?:you'?re|that you|about|for)[^.!]{0,60})?`,
    "(?:very |so )?sorry",
    "(?:my )?(?:sincere )?apologies",
    "i (?:sincerely )?(?:apologi[sz]e|regret)",
    ...["unfortunately", "regretfully", "regrettably", "sadly", "no", "nope", "well", "hey", "look"],
    "as an? (?:ai|artificial|language|large|responsible|ethical|virtual|digital|assistant|support|chat)[^,.]{0,50}",
    "(?:i|we) (?:do )?(?:understand|appreciate|realise|realize|know|see|hear|get)\\b[^.!]{0,80}?",
    "thank(?:s| you)\\b[^.!]{0,60}?",
    "my (?:purpose|goal|role|job) is[^.]{0,60}?",
    "(?:while|although|though)",
    "(?:oh|there'?s|there is)",
    "let me be (?:direct|clear|honest|upfront)",
    "to be (?:clear|honest|direct)",
    `${be} (?:just |only )?an? [^.,]{0,50}`,
    `${be} (?:designed|programmed|built|made|trained|meant|instructed) (?:to|for)[^.,]{0,60}`,
    "for (?:safety|legal|privacy|ethical|security)[^,.]{0,30} reasons",
    "due to [^,.]{0,50}",
  ],
  refusals: [
    `${cannot}${adverbs} ${serve}\\b`,
    "can'?t (?:help|assist)(?: you)? with (?:that|this)",
    `${anyOf(`${who} (?:must|have to|need to|will have to|'?ll have to|am going to have to|would)`, `${be} going to have to`, `${be} obliged to`, who)} (?:also |respectfully |politely |kindly |firmly )*${anyOf("decline", "refuse", "refrain from", "pass on", "say no", "turn (?:this|that) down", "stop (?:here|you there)", "abstain")}`,
    `${be} (?:respectfully |politely )?(?:declining|refusing)`,
    `${anyOf(`${be} not`, `${who} (?:do not|don'?t|wouldn'?t) feel`)} (?:at all )?comfortable\\b`,
    "i(?:'?d| would) (?:rather|prefer) not\\b",
    "[^.!?]{0,50}?(?:is|are|falls?) (?:outside|beyond)(?: of)? (?:what|the scope of what) (?:i|we) (?:can|am able|are able)",
    "i would prefer not\\b",
    `(?:that|this|it|which)(?:'?s| is|) ?(?:not|n'?t|isn'?t) (?:really )?(?:something|a (?:topic|subject|request|thing)|an area)(?: that)? (?:i|we)\\b`,
    `(?:this|that|your|the) (?:request|question|prompt|message|content|topic|conversation) (?:has been |was |is |would |goes |appears to )*${anyOf("violat", "against", "declined", "blocked", "rejected", "refused", "not (?:allowed|permitted)", "in violation", "contrary to", "falls? outside", "breach")}`,
    "(?:that|this|it|doing so) (?:goes|is|would be|would go|runs|violates) ?(?:against|contrary to|in violation of)? (?:my|our|the) [^.]{0,40}?(?:polic|guidelines|principles|rules|values|terms)",
    `(?:my|our) (?:\\w+ ){0,2}(?:guidelines|polic(?:y|ies)|principles|rules|programming|instructions) (?:do not|don'?t|prevent|prohibit|forbid|won'?t|require me not|stop)`,
    `it(?:'?s| is| would be|'?d be) (?:not |highly |deeply )*${wrong}[^.]{0,20} ${anyOf("for me to\\b", `to ${serve}\\b`)}`,
    "it(?:'?s| is) not (?:okay|ok|right|appropriate|ethical|possible) for me to\\b",
    `${helping}\\b[^.]{0,90}?(?:would be|is|isn'?t|is not|would|could) ${anyOf(wrong, "something (?:i|we)", "break", "violate", "go against", "put")}`,
    `(?:i|we) (?:can|could) only (?:help|assist|answer|discuss)[^.]{0,80}?\\b(?:so|and) (?:i )?(?:can'?t|cannot|won'?t|am unable)`,
    "(?:i|we) (?:do not|don'?t) (?:provide|offer|give|create|generate|produce|engage|discuss|share|condone|assist|help)\\b",
    "and (?:i )?(?:can'?t|cannot|won'?t) (?:give|offer|share|help|provide|write|discuss)\\b",
    `(?:which means|so|that means|meaning)(?: that)? (?:i|we) (?:can'?t|cannot|won'?t|will not|must decline|have to decline|have to say no) ?(?:${serve}|$|[.;,])`,
  ],
  others: [
    "\\b(?:find|found|locate|look up|no (?:matching|results)|don'?t see|not see)\\b",
    "\\b(?:provided|given|supplied|available) (?:context|documents?|passages?|sources?|text|information|material)",
    "\\b(?:documents?|context|sources?|passages?) (?:do(?:es)?n'?t|do(?:es)? not|covers?|contains?)\\b",
    "\\bfrom the (?:context|documents?|passages?|sources?|information)\\b",
    "\\baccess (?:to )?(?:your|that|real|the internet|external|files)|\\b(?:browse|real-time|open links?|see your screen)\\b",
    "\\bcan'?t help (?:but|feeling|laughing|noticing|thinking|wondering|smiling|it)\\b",
    "\\b(?:highly|strongly) enough\\b|\\benough how\\b|\\bsugar-?coat\\b|\\b(?:i )?won'?t lie\\b",
    "\\b(?:sold out|out of stock|no longer (?:sell|stock|carry)|any more[.;])",
    "\\b(?:more (?:information|details|context)|need to know|could you (?:tell|share|provide|send))\\b.{0,40}\\?",
  ],
};

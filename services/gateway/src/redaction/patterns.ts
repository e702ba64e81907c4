import type { RedactionPattern } from "@spanhouse/store/redaction-policies";

/** Finds what must not be told. */
export interface Finder {
  /** What stands in place of a find. */
  readonly replacement: string;
  /** All finds, from left to right, apart from each other. */
  find(text: string): Iterable<Find>;
}

export interface Find {
  readonly start: number;
  readonly end: number;
}

interface CatalogueEntry {
  /** Without it in the text there is no find: cheaper to ask than the expression. */
  readonly needs: RegExp;
  readonly expression: RegExp;
  readonly accept?: (found: string) => boolean;
}

const digitsOf = (text: string) => text.replace(/\D/g, "");

/** Every repetition is bounded, and none nests another of the same letters: linear on hostile texts. */
const catalogue: Readonly<Record<RedactionPattern, CatalogueEntry>> = {
  email: {
    needs: /@/,
    expression: /[\w.%+\-\u00a1-\uffff]{1,64}@(?:[a-z0-9\u00a1-\uffff-]{1,63}\.){1,8}[a-z\u00a1-\uffff]{2,24}/gi,
  },
  phone: {
    needs: /\d{2}/,
    // With a country's code, or as North America writes them: bare digits are too often something else.
    expression:
      /(?<![\w.+-])(?:\+\d{1,3}[ .\-/]?(?:\(\d{1,5}\)[ .\-/]?)?\d{1,5}(?:[ .\-/]?\d{2,5}){1,5}|\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}([.-])\d{3}\1\d{4})(?![\w-]|\.\d)/g,
    accept(found) {
      const { length } = digitsOf(found);
      return length >= 8 && length <= 15;
    },
  },
  card: {
    needs: /\d{3}/,
    expression: /(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\d)/g,
    accept: isCardNumber,
  },
  secret: {
    needs: /[-_:]|AKIA|ASIA|AIza|eyJ|bearer/i,
    expression: new RegExp(
      [
        /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^"]{0,8000}?-----END [A-Z ]{0,30}PRIVATE KEY-----/,
        /\bsk-[A-Za-z0-9_-]{20,250}/, // OpenAI, Anthropic, OpenRouter, Langfuse
        /\bsh_[ira]{1,3}_[A-Za-z0-9_-]{43}/, // Spanhouse
        /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, // AWS
        /\bgh[pousr]_[A-Za-z0-9]{36,250}|\bgithub_pat_[A-Za-z0-9_]{22,250}|\bglpat-[\w-]{20,250}/,
        /\bxox[abeprs]-[A-Za-z0-9-]{10,250}/, // Slack
        /\bAIza[\w-]{35}/, // Google
        /\b[srp]k_(?:live|test)_[0-9A-Za-z]{16,250}/, // Stripe
        /\bnpm_[A-Za-z0-9]{36}|\bhf_[A-Za-z0-9]{30,60}|\bpypi-[\w-]{50,250}/,
        /\beyJ[\w-]{8,2000}\.eyJ[\w-]{8,4000}\.[\w-]{8,2000}/, // JSON Web Token
        /(?<=\b[Bb]earer {1,3})[\w.~+/-]{16,2000}={0,2}/,
        /(?<=:\/\/)[^\s:@/"\\]{1,64}:[^\s@/"\\]{1,128}(?=@)/, // user and password of a URL
      ]
        .map(({ source }) => source)
        .join("|"),
      "g",
    ),
  },
};

export function finderOf(pattern: RedactionPattern): Finder {
  const { needs, expression, accept } = catalogue[pattern];
  return {
    replacement: `[redacted:${pattern}]`,
    *find(text) {
      if (!needs.test(text)) return;
      for (const match of text.matchAll(expression)) {
        const [found] = match;
        if (accept?.(found) ?? true) yield { start: match.index, end: match.index + found.length };
      }
    },
  };
}

/** Issuer's prefix with its lengths, and Luhn's check digit (ISO/IEC 7812). */
export function isCardNumber(text: string): boolean {
  const digits = digitsOf(text);
  const issuer =
    /^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35\d{14}|62\d{14,17})$/;
  if (!issuer.test(digits)) return false;
  let sum = 0;
  for (let index = digits.length - 1, double = false; index >= 0; index--, double = !double) {
    const digit = digits.charCodeAt(index) - 48;
    sum += double ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit;
  }
  return sum % 10 === 0;
}

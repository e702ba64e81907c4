/** Above so many a list is searched slower than a set. */
const fewTexts = 16;
const none: readonly never[] = [];

/** Texts that differ: in most traces so few that no set is needed, in a hostile one as many as it has spans. */
export class DistinctTexts<Text extends string = string> {
  #list: Text[] | undefined = undefined;
  #set: Set<Text> | undefined = undefined;

  add(text: Text): void {
    if (this.#set) this.#set.add(text);
    else if (!this.#list) this.#list = [text];
    else if (!this.#list.includes(text) && this.#list.push(text) > fewTexts) this.#set = new Set(this.#list);
  }

  /** An empty text says nothing. */
  addTold(text: Text): void {
    if (text !== "") this.add(text);
  }

  sorted(): readonly Text[] {
    if (this.#set) return [...this.#set].sort();
    return this.#list && this.#list.length > 1 ? this.#list.sort() : (this.#list ?? none);
  }
}

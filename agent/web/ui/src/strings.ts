// The words of the page in the reader's language. Sentences of the agent itself (reasons) come as they are.

import { en } from "./strings.en";
import { zh } from "./strings.zh";

/** Every language has exactly the words of English. */
export type Strings = typeof en;
export type Language = "en" | "zh-CN";

const KEY = "plantroom.language";
const LANGUAGES: Record<Language, Strings> = { en, "zh-CN": zh };

let language: Language = first();

export function text(): Strings {
  return LANGUAGES[language];
}

export function currentLanguage(): Language {
  return language;
}

export function speak(next: Language): void {
  language = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // a browser that keeps nothing still speaks it until the page is closed
  }
}

function first(): Language {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    kept = null;
  }
  const wanted = kept ?? navigator.language;
  return wanted.startsWith("zh") ? "zh-CN" : "en";
}

import { cpp } from "@codemirror/lang-cpp";
import { go } from "@codemirror/lang-go";
import { java } from "@codemirror/lang-java";
import { javascript } from "@codemirror/lang-javascript";
import { python } from "@codemirror/lang-python";
import { rust } from "@codemirror/lang-rust";
import { StreamLanguage } from "@codemirror/language";
import { csharp, kotlin, scala } from "@codemirror/legacy-modes/mode/clike";
import { ruby } from "@codemirror/legacy-modes/mode/ruby";
import type { Extension } from "@codemirror/state";

const BY_ENDING: Readonly<Record<string, () => Extension>> = {
  c: cpp,
  cc: cpp,
  cpp,
  cs: () => StreamLanguage.define(csharp),
  go,
  h: cpp,
  hpp: cpp,
  java,
  js: () => javascript({ jsx: true }),
  jsx: () => javascript({ jsx: true }),
  cjs: () => javascript(),
  mjs: () => javascript(),
  kt: () => StreamLanguage.define(kotlin),
  py: python,
  rb: () => StreamLanguage.define(ruby),
  rs: rust,
  scala: () => StreamLanguage.define(scala),
  ts: () => javascript({ typescript: true }),
  tsx: () => javascript({ typescript: true, jsx: true }),
};

/** How a file is highlighted, by the ending of its name; nothing where its language is not known. */
export function languageOf(path: string): Extension {
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  return BY_ENDING[ending]?.() ?? [];
}

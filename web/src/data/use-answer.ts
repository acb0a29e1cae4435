import { useEffect, useState } from "preact/hooks";
import { addressOf, answer, type Settings } from "./client.ts";
import type { Answers } from "./documents.ts";

/** An answer on its way, there, or refused. */
export type Asked<T> = { state: "loading" } | { state: "ready"; document: T } | { state: "failed"; error: Error };

/** The answer at an address as it comes; null asks nothing. */
export function useAnswer<N extends keyof Answers>(name: N, settings: Settings | null = {}): Asked<Answers[N]> {
  const address = settings === null ? null : addressOf(name, settings);
  const [told, tell] = useState<{ address: string | null; asked: Asked<Answers[N]> }>({
    address: null,
    asked: { state: "loading" },
  });
  useEffect(() => {
    if (settings === null) {
      return undefined;
    }
    let isWanted = true;
    const say = (asked: Asked<Answers[N]>) => isWanted && tell({ address, asked });
    answer(name, settings).then(
      (document) => say({ state: "ready", document }),
      (error: Error) => say({ state: "failed", error }),
    );
    return () => {
      isWanted = false;
    };
  }, [address]);
  return told.address === address ? told.asked : { state: "loading" };
}

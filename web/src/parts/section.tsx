import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

/** A part of a page under a heading, with what can be done about it at its right. */
export function Section(props: {
  title: string;
  about?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
  isWide?: boolean;
}): JSX.Element {
  const id = useId();
  return (
    <section class={`section${props.isWide ? " wide" : ""}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.actions !== undefined && <div class="actions">{props.actions}</div>}
      </header>
      {props.about !== undefined && <p class="about">{props.about}</p>}
      {props.children}
    </section>
  );
}

/** What a page is, in a sentence or two. */
export function PageHead(props: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="page-head">
      <h1>{props.title}</h1>
      {props.children !== undefined && <p class="about">{props.children}</p>}
    </div>
  );
}

/** Numbers with what they are of. */
export function Figures(props: {
  of: readonly { name: string; value: string; detail?: string; tone?: "good" | "bad" | "warn"; href?: string }[];
}): JSX.Element {
  return (
    <dl class="figures">
      {props.of.map((one) => (
        <div key={one.name} class={one.tone ?? ""}>
          <dt>{one.name}</dt>
          <dd>
            {one.href === undefined ? one.value : <a href={one.href}>{one.value}</a>}
            {one.detail !== undefined && <small>{one.detail}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A choice of a few, as buttons in a row. */
export function Choice<T extends string>(props: {
  label: string;
  of: readonly (readonly [value: T, text: string])[];
  value: T;
  onChange: (value: T) => void;
}): JSX.Element {
  return (
    <fieldset class="choice" aria-label={props.label}>
      {props.of.map(([value, text]) => (
        <button key={value} type="button" aria-pressed={value === props.value} onClick={() => props.onChange(value)}>
          {text}
        </button>
      ))}
    </fieldset>
  );
}

/** What pointer, wheel, fingers and keys do to the picture. */

import type { Item } from "./items.ts";
import type { Picture } from "./picture.ts";
import { pinched, whole } from "./view.ts";

export interface Commands {
  select: (item: Item | null) => void;
  beside: (direction: "left" | "right" | "up" | "down") => void;
  focus: () => void;
  find: () => void;
  next: (step: 1 | -1) => void;
  changed: () => void;
}

const ZOOM_STEP = 1.5;
const PAN_STEP = 0.15;
const WHEEL_PIXELS = 400;
const LEAST_DRAG = 4;

/** What a key does; false if nothing. */
export function press(key: string, picture: Picture, commands: Commands): boolean {
  const pointed = picture.cursor ?? undefined;
  const actions: Record<string, () => void> = {
    w: () => picture.zoom(1 / ZOOM_STEP, pointed),
    s: () => picture.zoom(ZOOM_STEP, pointed),
    "+": () => picture.zoom(1 / ZOOM_STEP),
    "-": () => picture.zoom(ZOOM_STEP),
    a: () => picture.pan(-PAN_STEP),
    d: () => picture.pan(PAN_STEP),
    f: commands.focus,
    m: () => toggleMark(picture),
    n: () => commands.next(1),
    p: () => commands.next(-1),
    "0": () => picture.show(whole(picture.lanes.durationMs)),
    "/": commands.find,
    ArrowLeft: () => commands.beside("left"),
    ArrowRight: () => commands.beside("right"),
    ArrowUp: () => commands.beside("up"),
    ArrowDown: () => commands.beside("down"),
    Escape: () => {
      picture.measured = null;
      commands.select(null);
    },
  };
  const action = actions[key.length === 1 ? key.toLowerCase() : key];
  action?.();
  if (action !== undefined) commands.changed();
  return action !== undefined;
}

/** Mark the selection's start, or what the cursor is at; a mark that is there is taken away. */
function toggleMark(picture: Picture): void {
  const time = picture.selected?.start ?? picture.cursor ?? (picture.view.from + picture.view.to) / 2;
  const near = (picture.view.to - picture.view.from) / 200;
  const others = picture.marks.filter((one) => Math.abs(one - time) > near);
  picture.marks = others.length < picture.marks.length ? others : [...others, time];
  picture.invalidateOver();
}

/** Let pointers and wheel act on an element that the picture fills. */
export function listen(element: HTMLElement, picture: Picture, commands: Commands): () => void {
  const fingers = new Map<number, number>();
  let drag: { x: number; y: number; time: number; isTouch: boolean; isMoved: boolean } | null = null;
  const place = (event: PointerEvent | WheelEvent): [number, number] => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const [x, y] = place(event);
    element.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, x);
    drag = { x, y, time: picture.timeAt(x), isTouch: event.pointerType === "touch" || event.shiftKey, isMoved: false };
  };
  const move = (event: PointerEvent) => {
    const [x] = place(event);
    const before = [...fingers.values()];
    if (fingers.size === 2 && fingers.has(event.pointerId)) {
      fingers.set(event.pointerId, x);
      const now = [...fingers.values()] as [number, number];
      picture.show(pinched(picture.view, picture.width, before as [number, number], now));
      if (drag) drag.isMoved = true;
      return commands.changed();
    }
    picture.cursor = event.pointerType === "touch" ? null : picture.timeAt(x);
    if (drag && (drag.isMoved || Math.abs(x - drag.x) >= LEAST_DRAG)) {
      drag.isMoved = true;
      if (drag.isTouch) {
        picture.pan((drag.x - x) / picture.width);
        drag.x = x;
      } else {
        const time = picture.timeAt(x);
        picture.measured = { from: Math.min(drag.time, time), to: Math.max(drag.time, time) };
        picture.invalidate();
      }
      commands.changed();
    } else picture.invalidateOver();
  };
  const up = (event: PointerEvent) => {
    fingers.delete(event.pointerId);
    if (drag && !drag.isMoved && event.type === "pointerup") {
      picture.measured = null;
      commands.select(picture.itemAt(drag.x, drag.y));
    }
    if (fingers.size === 0) drag = null;
  };
  const leave = () => {
    picture.cursor = null;
    picture.invalidateOver();
  };
  const double = (event: MouseEvent) => {
    if (picture.itemAt(...place(event as PointerEvent)) !== null) commands.focus();
  };
  const wheel = (event: WheelEvent) => {
    const scale = event.deltaMode === 1 ? 16 : 1;
    const [across, along] = [event.deltaX * scale, event.deltaY * scale];
    const fits = picture.rows.height <= picture.height;
    if (event.ctrlKey || event.metaKey)
      picture.zoom(ZOOM_STEP ** (along / (WHEEL_PIXELS / 4)), picture.timeAt(place(event)[0]));
    else if (event.shiftKey || fits || Math.abs(across) > Math.abs(along)) {
      picture.pan((Math.abs(across) > Math.abs(along) ? across : along) / WHEEL_PIXELS / 2);
    } else return; // the lanes scroll
    event.preventDefault();
    commands.changed();
  };
  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("pointerleave", leave);
  element.addEventListener("dblclick", double);
  element.addEventListener("wheel", wheel, { passive: false });
  return () => {
    element.removeEventListener("pointerdown", down);
    element.removeEventListener("pointermove", move);
    element.removeEventListener("pointerup", up);
    element.removeEventListener("pointercancel", up);
    element.removeEventListener("pointerleave", leave);
    element.removeEventListener("dblclick", double);
    element.removeEventListener("wheel", wheel);
  };
}

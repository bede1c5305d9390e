// The browser's own modal dialog: it keeps the focus inside, closes with Escape and gives the focus back.

import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Properties {
  label: string;
  kind: "box" | "side";
  onClose: () => void;
  children: ComponentChildren;
}

export function Dialog({ label, kind, onClose, children }: Properties): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  // at once: until the next picture is drawn a busy page may have moved the focus or drawn the row anew
  useLayoutEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) standIn(before)?.focus({ preventScroll: true });
    };
  }, []);
  const outside = (event: MouseEvent): void => {
    if (kind === "side" && event.target === element.current) onClose();
  };
  return (
    <dialog
      ref={element}
      class={kind}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={outside}
    >
      <div class="inside">{children}</div>
    </dialog>
  );
}

/** The element itself, or the one that shows the same point where the list was drawn anew meanwhile. */
function standIn(before: HTMLElement): HTMLElement | null {
  const point = before.dataset["point"];
  if (before.isConnected || point === undefined) return before;
  return document.querySelector<HTMLElement>(`[data-point="${CSS.escape(point)}"]`);
}

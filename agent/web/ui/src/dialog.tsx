// The browser's own modal dialog: it keeps the focus inside, closes with Escape and gives the focus back.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Properties {
  label: string;
  kind: "box" | "side";
  onClose: () => void;
  children: ComponentChildren;
}

export function Dialog({ label, kind, onClose, children }: Properties): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
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

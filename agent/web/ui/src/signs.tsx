// Small drawn signs, because a kiosk in a plant room rarely has an emoji font.

import type { JSX } from "preact";

function Sign({ path }: { path: string }): JSX.Element {
  return (
    <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}

/** A raised hand: a person holds this. */
export function Hand(): JSX.Element {
  return <Sign path="M5 9V3.6M7.3 8V2.2M9.6 8V2.6M11.9 8.5V4.2V10.5C11.9 13 10.4 14.6 8.3 14.6 6.4 14.6 5.6 13.8 4.6 12.2L2.6 8.8C3.2 8 4.2 8.2 5 9.4" />;
}

/** A padlock: locked out for maintenance. */
export function Lock(): JSX.Element {
  return <Sign path="M3.5 7.5H12.5V14H3.5ZM5.2 7.5V5A2.8 2.8 0 0 1 10.8 5V7.5" />;
}

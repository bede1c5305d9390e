// Talks to the agent. Every refusal becomes an Error whose message is the agent's own sentence.

import { get, set } from "./store";
import { text } from "./strings";
import type { Session } from "./types";

const PATIENCE = 130_000; // a release waits for slow devices

export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function ask(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const csrf = get().session.csrf;
  if (method !== "GET" && csrf) headers["X-Plantroom-CSRF"] = csrf;
  const request: RequestInit = { method, headers, signal: AbortSignal.timeout(PATIENCE) };
  if (body !== undefined) request.body = JSON.stringify(body);
  let response: Response;
  try {
    response = await fetch(path, request);
  } catch {
    throw new Refused(0, text().unreachable);
  }
  if (!response.ok) throw new Refused(response.status, await sentence(response));
  return response;
}

async function sentence(response: Response): Promise<string> {
  try {
    const answer = (await response.json()) as { error?: string; nearest?: string[] };
    const near = answer.nearest?.length ? ` (${text().didYouMean} ${answer.nearest.join(", ")}?)` : "";
    return (answer.error ?? response.statusText) + near;
  } catch {
    return response.statusText;
  }
}

export async function look<T>(path: string): Promise<T> {
  return (await (await ask("GET", path)).json()) as T;
}

export async function lookCounted<T>(path: string): Promise<{ items: T[]; total: number }> {
  const response = await ask("GET", path);
  const items = (await response.json()) as T[];
  return { items, total: Number(response.headers.get("X-Total-Count") ?? items.length) };
}

/** Change something. Without a live session the login dialog comes first, then the change is made. */
export async function change<T>(method: "POST" | "DELETE", path: string, body?: unknown): Promise<T> {
  if (!get().session.user) await login();
  try {
    return (await (await ask(method, path, body)).json()) as T;
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error;
    await refreshSession();
    await login();
    return (await (await ask(method, path, body)).json()) as T;
  }
}

export class Cancelled extends Error {}

/** Opens the login dialog; done when somebody is logged in. Raises Cancelled when the dialog is closed. */
export function login(): Promise<void> {
  return new Promise((resolve, reject) => {
    const resume = (): void => (get().session.user ? resolve() : reject(new Cancelled(text().notLoggedIn)));
    set({ login: { resume } });
  });
}

export async function enter(path: "/api/login" | "/api/setup", body: unknown): Promise<void> {
  const session = (await (await ask("POST", path, body)).json()) as Session;
  set({ session });
}

export async function leave(): Promise<void> {
  await ask("POST", "/api/logout").catch(() => undefined); // gone already: the session ran out
  await refreshSession();
}

export async function refreshSession(): Promise<void> {
  set({ session: await look<Session>("/api/session") });
}

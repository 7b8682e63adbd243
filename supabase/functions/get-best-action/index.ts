// The best action that is known for a state, asked as the caller: the caller's token goes on to the
// database, whose row-level security answers with that agent's rows and no others. No key of the
// service is used, and none is needed.

const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "authorization, apikey, content-type, x-client-info",
  "Access-Control-Allow-Methods": "POST, OPTIONS",
};
const PATIENCE = 5_000; // milliseconds
const LONGEST = { agent_type: 50, state_hash: 64 }; // characters, as the columns are

type Question = { agent_type: string; state_hash: string };

class Refusal extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

Deno.serve(async (request) => {
  if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: CORS });
  try {
    const token = bearer(request);
    return await ask(await question(request), token);
  } catch (refusal) {
    if (refusal instanceof Refusal) return answer(refusal.status, { error: refusal.message });
    throw refusal;
  }
});

function bearer(request: Request): string {
  if (request.method !== "POST") throw new Refusal(405, `${request.method} is not POST`);
  const authorization = request.headers.get("Authorization") ?? "";
  if (!/^Bearer \S+$/i.test(authorization)) {
    throw new Refusal(401, "say who asks: Authorization: Bearer TOKEN, of a signed-in agent");
  }
  return authorization;
}

async function question(request: Request): Promise<Question> {
  let asked: unknown;
  try {
    asked = await request.json();
  } catch {
    throw new Refusal(400, "the body is no JSON");
  }
  return { agent_type: text(asked, "agent_type"), state_hash: text(asked, "state_hash") };
}

function text(asked: unknown, name: keyof Question): string {
  const value = typeof asked === "object" && asked !== null ? Reflect.get(asked, name) : undefined;
  if (typeof value !== "string" || value === "" || value.length > LONGEST[name]) {
    throw new Refusal(400, `${name} is to be a string of 1 to ${LONGEST[name]} characters`);
  }
  return value;
}

async function ask({ agent_type, state_hash }: Question, authorization: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${Deno.env.get("SUPABASE_URL")}/rest/v1/rpc/get_best_action`, {
      method: "POST",
      headers: {
        Authorization: authorization,
        apikey: publishableKey(),
        "Content-Type": "application/json",
      },
      body: JSON.stringify({ p_agent_type: agent_type, p_state_hash: state_hash }),
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch (unreached) {
    console.error(unreached);
    throw new Refusal(502, "the database did not answer");
  }
  const told: unknown = await response.json().catch(() => null);
  if (response.ok) return answer(200, told);
  const message = told instanceof Object ? Reflect.get(told, "message") : undefined;
  const status = response.status < 500 ? response.status : 502;
  return answer(status, { error: String(message ?? `the database answered ${response.status}`) });
}

// What the gateway lets in; whose rows are read, the token alone decides.
function publishableKey(): string {
  const keys: unknown = JSON.parse(Deno.env.get("SUPABASE_PUBLISHABLE_KEYS") ?? "{}");
  const named = keys instanceof Object ? Reflect.get(keys, "default") : undefined;
  return String(named ?? Deno.env.get("SUPABASE_ANON_KEY") ?? "");
}

function answer(status: number, body: unknown): Response {
  return Response.json(body, { status, headers: CORS });
}

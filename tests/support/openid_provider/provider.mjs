// npm's oidc-provider, at which users sign in by their name alone:
//   node provider.mjs PORT CLIENT_ID CLIENT_SECRET PANEL
// A PUT of /groups/NAME, with a JSON list, changes the groups of a user.
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { Provider } from "oidc-provider";

const [port, client_id, client_secret, panel] = process.argv.slice(2);
const groups = new Map();

const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id,
      client_secret,
      redirect_uris: [`${panel}/admin/oidc/callback`],
      post_logout_redirect_uris: [`${panel}/admin/login`],
    },
  ],
  scopes: ["openid", "profile"],
  claims: { profile: ["preferred_username", "groups"] },
  cookies: { keys: ["a key of the tests"] },
  findAccount: (_, name) => ({
    accountId: name,
    claims: () => ({ sub: name, preferred_username: name, groups: groups.get(name) }),
  }),
});

createServer(async (request, response) => {
  if (request.method === "PUT") {
    groups.set(decodeURIComponent(request.url.split("/").pop()), await json(request));
    response.end();
  } else {
    provider.callback()(request, response);
  }
}).listen(Number(port), "127.0.0.1", () => console.log("listening"));

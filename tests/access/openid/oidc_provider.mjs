// A real provider for test_real_provider.py: node oidc_provider.mjs FOLDER REDIRECT_URI, with the npm package oidc-provider in
// FOLDER/node_modules. Prints its address. Whoever signs in at its development form is who they say.
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const [folder, redirect] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'castmind', client_secret: 'a secret: with a colon', redirect_uris: [redirect] }],
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email', 'email_verified'] },
    cookies: { keys: ['of a test'] },
    findAccount: async (_, id) => ({
      accountId: id,
      claims: async () => ({
        sub: id, preferred_username: id, groups: ['family'], email: `${id}@example.net`, email_verified: true,
      }),
    }),
  });
  server.on('request', provider.callback());
  console.log(issuer);
});

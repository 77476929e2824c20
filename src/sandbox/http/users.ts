import { iso } from '../model.ts';
import { failed, json } from './answer.ts';
import { type Endpoints, fieldsOf, textOf } from './call.ts';

/** The one password of every rider here. */
export const PASSWORD = 'sandbox';

/** Who am I, and a token for a password. */
export const userEndpoints: Endpoints = ({ world, tokens, clients, present }) => [
  {
    method: 'get',
    path: /^(?:\/api\/v1\/users\/current(?:\.json)?|\/current\.json|\/users\/current\.json)$/,
    answer: (call) => json({ user: present.user(call.rider) }),
  },
  {
    method: 'post',
    path: /^\/api\/v1\/auth_tokens(?:\.json)?$/,
    open: true,
    answer(call) {
      const apiKey = String(call.headers['x-rwgps-api-key'] ?? call.query.get('apikey') ?? '');
      if (!clients.some((client) => client.apiKey === apiKey)) return failed(401, 'Invalid API key');
      const user = fieldsOf(call.body.user);
      if (!textOf(user, 'email') || !textOf(user, 'password'))
        return failed(400, 'user[email] and user[password] are required');
      const rider = world.riders().find(({ email }) => email === textOf(user, 'email'));
      if (!rider || textOf(user, 'password') !== PASSWORD) return failed(401, 'Invalid email or password');
      const token = tokens.issue(rider.id, apiKey);
      const [first = '', ...last] = rider.name.split(' ');
      const { name, ...account } = present.user(rider);
      return json(
        {
          auth_token: {
            auth_token: token.token,
            api_key: apiKey,
            created_at: iso(token.createdAt),
            updated_at: iso(token.createdAt),
            user: { ...account, first_name: first, last_name: last.join(' '), display_name: name },
          },
        },
        201,
      );
    },
  },
];

import type { Account } from '../../storage/accounts.ts';

/** How a token is presented. Source: the provider's page on authentication. */
export function headersOf(
  token: string,
  { tokenKind, client }: Pick<Account, 'tokenKind' | 'client'>,
): Record<string, string> {
  return tokenKind === 'bearer'
    ? { authorization: `Bearer ${token}` }
    : { 'x-rwgps-api-key': client, 'x-rwgps-auth-token': token };
}

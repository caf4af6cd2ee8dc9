import { ConfigError, migrationVariables, readConfig, serverVariables } from '../../apps/reference/config';

const enough = {
  REGION: 'us-east-1',
  DATABASE_URL: 'postgres://tandem:secret@127.0.0.1:5432/tandem',
  WITNESS_NAME: 'app.tandem.example',
  REGION_NAME: 'us-east-1.app.tandem.example',
  PEER_URL: 'http://us-west-2.app.tandem.example:8080',
};

function mistakesOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(serverVariables, env);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.mistakes;
    throw thrown;
  }
  return [];
}

describe("the workload's configuration", () => {
  it('has a default for everything that can have one', () => {
    expect(readConfig(serverVariables, enough)).toEqual({
      ...enough,
      HOST: '0.0.0.0',
      PORT: 8080,
      DATABASE_POOL_MAX: 10,
      VALKEY_SHARDED: false,
      WITNESS_INTERVAL_MS: 1000,
      ROLE_INTERVAL_MS: 500,
      LINGER_MS: 0,
      CACHE_TTL_SECONDS: 60,
      LOG_LEVEL: 'info',
    });
  });

  it('takes an empty value for an absent one', () => {
    expect(readConfig(serverVariables, { ...enough, VALKEY_URL: '', PORT: '' }).PORT).toBe(8080);
  });

  it('reports all mistakes at once, each with what was found and expected', () => {
    const mistakes = mistakesOf({
      PORT: '70000',
      WITNESS_NAME: 'app',
      PEER_URL: 'ftp://x',
      LOG_LEVEL: 'loud',
    });
    expect(mistakes).toEqual([
      'PORT: found "70000", expected an integer from 1 to 65535',
      'REGION: found nothing, expected a region, as in us-east-1',
      'DATABASE_URL: found nothing, expected a URL that starts with postgres:// or postgresql://',
      'WITNESS_NAME: found "app", expected a full domain name, as in app.tandem.example',
      'REGION_NAME: found nothing, expected a full domain name, as in app.tandem.example',
      'PEER_URL: found "ftp://x", expected a URL that starts with http:// or https://',
      'LOG_LEVEL: found "loud", expected one of trace, debug, info, warn, error, fatal, silent',
    ]);
  });

  it('never shows a connection URL, which holds a password', () => {
    const mistakes = mistakesOf({ ...enough, DATABASE_URL: 'mysql://u:hunter2@h/d', VALKEY_URL: 'hunter2' });
    expect(mistakes.map((mistake) => mistake.slice(0, mistake.indexOf(',')))).toEqual([
      'DATABASE_URL: found a value not shown',
      'VALKEY_URL: found a value not shown',
    ]);
    expect(mistakes.join()).not.toContain('hunter2');
  });

  it.each([
    ['127.0.0.1:53', true],
    ['[::1]:5353', true],
    ['127.0.0.1', false],
    ['dns.example:53', false],
    ['127.0.0.1:70000', false],
  ])('DNS_SERVER %s: valid is %s', (DNS_SERVER, valid) => {
    expect(mistakesOf({ ...enough, DNS_SERVER })).toHaveLength(valid ? 0 : 1);
  });

  it('asks a migration for the database alone', () => {
    expect(readConfig(migrationVariables, enough)).toEqual({ DATABASE_URL: enough.DATABASE_URL });
  });
});

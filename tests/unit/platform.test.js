import assert from 'node:assert/strict';
import net from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { listTables } from '../../pkg-scripts/node.js';
import { platform } from '../../pkg-scripts/platform/node.js';

const own = net.getDefaultAutoSelectFamilyAttemptTimeout();

describe('each address of a host', () => {
  afterEach(() => net.setDefaultAutoSelectFamilyAttemptTimeout(own));

  it('gets seconds to connect in every run, by a default that holds for every dispatcher', async () => {
    net.setDefaultAutoSelectFamilyAttemptTimeout(250);
    const account = { endpoint: 'ftp://nowhere', apikey: 'none' };
    await assert.rejects(listTables(account, 'shop'), { code: 'bad_endpoint' });
    assert.equal(net.getDefaultAutoSelectFamilyAttemptTimeout(), 5000);
  });

  it('keeps a longer time that the user has set', () => {
    net.setDefaultAutoSelectFamilyAttemptTimeout(20_000);
    platform.prepareNetwork?.();
    assert.equal(net.getDefaultAutoSelectFamilyAttemptTimeout(), 20_000);
  });
});

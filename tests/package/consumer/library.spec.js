import { PetitError, planClone, TreasureData } from 'petit-td';
import { expect, test } from 'vitest';

test('a key that cannot be one is an error that says so and hides it', async () => {
  const source = new TreasureData({ endpoint: 'aws', apikey: 'bad key\n' });
  const destination = new TreasureData({ endpoint: 'aws-tokyo', apikey: 'another' });
  const error = await planClone({ source, destination, database: 'shop' }).catch((error) => error);
  expect(error).toBeInstanceOf(PetitError);
  expect(error.code).toBe('bad_key');
  expect(JSON.stringify(error) + error.stack).not.toContain('bad key');
});

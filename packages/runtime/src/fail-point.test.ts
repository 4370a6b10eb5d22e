import { expect, jest, test } from '@jest/globals';
import { ConfigurationError } from './config.js';
import { armFailPoint, failPoint } from './fail-point.js';

const kill = jest.spyOn(process, 'kill').mockImplementation(() => true);

test('none is armed by itself', () => {
  armFailPoint('dispatcher', undefined);
  failPoint('record.before-commit');
  expect(kill).not.toHaveBeenCalled();
});

test.each(['record', 'record.before-commit@0', 'record.before-commit@x', 'accept.after-commit'])(
  '%s is refused with a list of those that there are',
  (spec) => {
    expect(() => armFailPoint('dispatcher', spec)).toThrow(ConfigurationError);
    expect(() => armFailPoint('dispatcher', spec)).toThrow(
      /FAILPOINT: must be one of .*record\.before-commit/,
    );
  },
);

test('an armed one kills at its nth pass, and no other does', () => {
  armFailPoint('dispatcher', 'record.before-commit@2');
  failPoint('record.after-commit');
  failPoint('record.before-commit');
  expect(kill).not.toHaveBeenCalled();
  failPoint('record.before-commit');
  expect(kill).toHaveBeenCalledWith(process.pid, 'SIGKILL');
});

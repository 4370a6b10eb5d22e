import { Text } from '@mantine/core';
import { diffLines } from '../deliveries/diff.policy.js';

/** Line by line; marks besides colours say what was added and what removed. */
export function Diff({ before, after }: { readonly before: string; readonly after: string }) {
  const lines = diffLines(before, after);
  if (lines === null) return <Text size="sm">They are too long to be compared here.</Text>;
  return (
    <pre className="code" tabIndex={0} aria-label="Differences">
      {lines.map(({ kind, text }, index) => {
        if (kind === 'added') return <ins key={index}>+ {text}</ins>;
        if (kind === 'removed') return <del key={index}>- {text}</del>;
        return <span key={index}> {text}</span>;
      })}
    </pre>
  );
}

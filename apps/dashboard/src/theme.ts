import { createTheme, type CSSVariablesResolver } from '@mantine/core';

// Shades that give white text 4.5:1 on a filled button, and tinted ones 4.5:1 for their own text (WCAG 2.2, 1.4.3).
export const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: { light: 9, dark: 8 },
  defaultRadius: 'sm',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
});

/** Mantine's greys for secondary text fall short of 4.5:1. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: { '--mantine-color-dimmed': '#4d545c', '--mantine-color-placeholder': '#5f666e' },
  dark: { '--mantine-color-dimmed': '#b9bec4', '--mantine-color-placeholder': '#a3a9b0' },
});

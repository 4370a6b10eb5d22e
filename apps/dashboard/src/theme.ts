import { createTheme, type CSSVariablesResolver } from '@mantine/core';

// Shades that give white text 4.5:1 on a filled button, and tinted ones 4.5:1 for their own text (WCAG 2.2, 1.4.3).
export const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: { light: 9, dark: 8 },
  colors: {
    // Mantine's own dark greys are warm; these go with the blue.
    dark: [
      '#e4e8ed',
      '#b8c0c9',
      '#98a1aa',
      '#6b747e',
      '#3a4149',
      '#2f353c',
      '#1f2329',
      '#181b20',
      '#14171b',
      '#0f1114',
    ],
  },
  defaultRadius: 'md',
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '24px' },
  fontFamily:
    '"Inter Variable", system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  headings: {
    fontWeight: '650',
    sizes: {
      h2: { fontSize: '1.375rem', lineHeight: '1.3' },
      h3: { fontSize: '1rem', lineHeight: '1.4' },
      h4: { fontSize: '0.875rem', lineHeight: '1.4' },
    },
  },
  components: {
    Modal: {
      defaultProps: {
        padding: 'lg',
        overlayProps: { backgroundOpacity: 0.45, blur: 2 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
      styles: { title: { fontWeight: 650, fontSize: '1rem' } },
    },
    Drawer: {
      defaultProps: {
        padding: 'lg',
        overlayProps: { backgroundOpacity: 0.35 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
      styles: { title: { fontWeight: 650, fontSize: '1rem' } },
    },
    // Its own place for the focus is none that a menu may have in it; the first item takes it.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close the message' } } },
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true, multiline: true, maw: 340 } },
    InputWrapper: { styles: { label: { marginBottom: 4 }, description: { marginBottom: 4 } } },
  },
});

/** Mantine's greys for secondary text fall short of 4.5:1, and its dark theme's surfaces lie too close together. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-text': '#1a1f26',
    '--mantine-color-dimmed': '#515a64',
    '--mantine-color-placeholder': '#646c75',
    '--mantine-color-default-border': '#d9dee4',
    '--mantine-color-default-hover': '#f1f4f7',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-blue-light-hover': '#e3eef8',
  },
  dark: {
    '--mantine-color-text': '#e4e8ed',
    '--mantine-color-dimmed': '#a9b1ba',
    '--mantine-color-placeholder': '#98a1aa',
    '--mantine-color-body': '#181b20',
    '--mantine-color-default': '#1f2329',
    '--mantine-color-default-border': '#3a4149',
    '--mantine-color-default-hover': '#282d34',
    '--mantine-color-anchor': '#7cb8f5',
    '--mantine-color-error': '#ffa49c',
  },
});

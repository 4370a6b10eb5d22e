// Dialogs and drawers that are there only while they are open, and give the focus back to where it came from: Mantine's
// own way of doing so needs one that stays and is told to close.
import { Drawer, Modal, type DrawerProps, type ModalProps } from '@mantine/core';
import { useEffect } from 'react';

/** What had the focus last, of what stays: not a part of a dialog, nor of the menu that opened it. */
let lastFocused: HTMLElement | null = null;
document.addEventListener('focusin', ({ target }) => {
  if (target instanceof HTMLElement && target.closest('[role=dialog], [role=menu]') === null) {
    lastFocused = target;
  }
});

function useReturningFocus(): void {
  useEffect(
    () => () => {
      // Another dialog may follow at once, and take it.
      setTimeout(() => {
        if (document.activeElement === document.body) lastFocused?.focus({ preventScroll: true });
      });
    },
    [],
  );
}

export function Dialog(props: Omit<ModalProps, 'opened'>) {
  useReturningFocus();
  return <Modal opened {...props} />;
}

export function SidePanel(props: Omit<DrawerProps, 'opened' | 'position'>) {
  useReturningFocus();
  return <Drawer opened position="right" {...props} />;
}

// With --config the patterns below are relative to the working directory, the project's root.
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  { ignores: ['dist/**', 'node_modules/**', 'test/golden/**', '**/__snapshots__/**'] },
  js.configs.recommended,
  tseslint.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'prefer-const': ['error', { destructuring: 'all' }],
      // The run loops are meant to be endless.
      'no-constant-condition': ['error', { checkLoops: false }],
      // A switch over opcodes declares its temporaries beside the case that needs them.
      'no-case-declarations': 'off',
      // The type checker knows the globals and their types.
      'no-undef': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
);

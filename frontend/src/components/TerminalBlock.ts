import { graphql } from '../lib/graphql.ts';

export const TerminalBlockFields = graphql(`
  fragment TerminalBlockFields on TerminalBlock {
    caption
    commands {
      command
      output
    }
  }
`);

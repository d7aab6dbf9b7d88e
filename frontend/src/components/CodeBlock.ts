import { graphql } from '../lib/graphql.ts';

export const CodeBlockFields = graphql(`
  fragment CodeBlockFields on CodeBlock {
    language
    fileName
    code
    highlightedLines
  }
`);

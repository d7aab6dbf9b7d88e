import { graphql } from '../lib/graphql.ts';
import { CalloutBlockFields } from './CalloutBlock.ts';
import { CodeBlockFields } from './CodeBlock.ts';
import { HeadingBlockFields } from './HeadingBlock.ts';
import { ImageBlockFields } from './ImageBlock.ts';
import { RichTextBlockFields } from './RichTextBlock.ts';
import { TableBlockFields } from './TableBlock.ts';
import { ToolCardBlockFields } from './ToolCardBlock.ts';

export const BlockFields = graphql(
  `
    fragment BlockFields on Block {
      __typename
      id
      ...HeadingBlockFields
      ...RichTextBlockFields
      ...CodeBlockFields
      ...ImageBlockFields
      ...TableBlockFields
      ...CalloutBlockFields
      ...ToolCardBlockFields
    }
  `,
  [
    HeadingBlockFields,
    RichTextBlockFields,
    CodeBlockFields,
    ImageBlockFields,
    TableBlockFields,
    CalloutBlockFields,
    ToolCardBlockFields,
  ],
);

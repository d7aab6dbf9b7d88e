import { graphql } from '../lib/graphql.ts';
import { RichTextFields } from './RichText.ts';

export const EmbedBlockFields = graphql(
  `
    fragment EmbedBlockFields on EmbedBlock {
      provider
      address
      title
      transcriptUrl
      transcript {
        ...RichTextFields
      }
    }
  `,
  [RichTextFields],
);

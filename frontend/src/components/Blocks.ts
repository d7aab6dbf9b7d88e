import { graphql } from '../lib/graphql.ts';
import { CallToActionBlockFields } from './CallToActionBlock.ts';
import { CalloutBlockFields } from './CalloutBlock.ts';
import { ChecklistBlockFields } from './ChecklistBlock.ts';
import { CodeBlockFields } from './CodeBlock.ts';
import { ComparisonBlockFields } from './ComparisonBlock.ts';
import { EmbedBlockFields } from './EmbedBlock.ts';
import { FactBlockFields } from './FactBlock.ts';
import { GalleryBlockFields } from './GalleryBlock.ts';
import { HeadingBlockFields } from './HeadingBlock.ts';
import { ImageBlockFields } from './ImageBlock.ts';
import { LeadBlockFields } from './LeadBlock.ts';
import { ProsConsBlockFields } from './ProsConsBlock.ts';
import { QuestionsBlockFields } from './QuestionsBlock.ts';
import { QuoteBlockFields } from './QuoteBlock.ts';
import { RelatedBlockFields } from './RelatedBlock.ts';
import { ResourcesBlockFields } from './ResourcesBlock.ts';
import { RichTextBlockFields } from './RichTextBlock.ts';
import { StackTableBlockFields } from './StackTableBlock.ts';
import { StepsBlockFields } from './StepsBlock.ts';
import { TableBlockFields } from './TableBlock.ts';
import { TerminalBlockFields } from './TerminalBlock.ts';
import { ToolCardBlockFields } from './ToolCardBlock.ts';
import { ToolListBlockFields } from './ToolListBlock.ts';
import { UseCaseTableBlockFields } from './UseCaseTableBlock.ts';
import { VerdictBlockFields } from './VerdictBlock.ts';

export const BlockFields = graphql(
  `
    fragment BlockFields on Block {
      __typename
      id
      ...LeadBlockFields
      ...HeadingBlockFields
      ...RichTextBlockFields
      ...QuoteBlockFields
      ...CalloutBlockFields
      ...VerdictBlockFields
      ...StepsBlockFields
      ...ChecklistBlockFields
      ...ProsConsBlockFields
      ...QuestionsBlockFields
      ...ImageBlockFields
      ...GalleryBlockFields
      ...CodeBlockFields
      ...TerminalBlockFields
      ...TableBlockFields
      ...EmbedBlockFields
      ...ToolCardBlockFields
      ...ToolListBlockFields
      ...FactBlockFields
      ...ComparisonBlockFields
      ...UseCaseTableBlockFields
      ...StackTableBlockFields
      ...ResourcesBlockFields
      ...RelatedBlockFields
      ...CallToActionBlockFields
    }
  `,
  [
    LeadBlockFields,
    HeadingBlockFields,
    RichTextBlockFields,
    QuoteBlockFields,
    CalloutBlockFields,
    VerdictBlockFields,
    StepsBlockFields,
    ChecklistBlockFields,
    ProsConsBlockFields,
    QuestionsBlockFields,
    ImageBlockFields,
    GalleryBlockFields,
    CodeBlockFields,
    TerminalBlockFields,
    TableBlockFields,
    EmbedBlockFields,
    ToolCardBlockFields,
    ToolListBlockFields,
    FactBlockFields,
    ComparisonBlockFields,
    UseCaseTableBlockFields,
    StackTableBlockFields,
    ResourcesBlockFields,
    RelatedBlockFields,
    CallToActionBlockFields,
  ],
);

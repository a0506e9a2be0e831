using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Presentation;
using D = DocumentFormat.OpenXml.Drawing;

namespace Quilt.Cognition;

/// <summary>A presentation: the text, tables and notes of each slide, in the order in which they are shown.</summary>
internal sealed class PptxFormat : IDocumentFormat
{
    public void Read(byte[] document, DocumentText text, DocumentRequest request)
    {
        OfficePackage.Measure(document, request);
        using MemoryStream stream = OfficePackage.Copy(document);
        using PresentationDocument presentation = PresentationDocument.Open(stream, isEditable: true, OfficePackage.Settings);
        OfficePackage.Describe(presentation, text);
        PresentationPart main = presentation.PresentationPart ?? throw new InvalidDataException("it has no presentation");
        int number = 0;
        foreach (SlideId slide in main.Presentation?.SlideIdList?.Elements<SlideId>() ?? [])
        {
            number++;
            if (!text.IsFull && slide.RelationshipId?.Value is { } id && main.TryGetPartById(id, out OpenXmlPart? part) && part is SlidePart content)
            {
                ReadSlide(content, number, text);
            }
        }

        text.Metadata("slides", $"{number}");
    }

    private static void ReadSlide(SlidePart slide, int number, DocumentText text)
    {
        text.EndLine();
        text.Section("slide", 1, $"{number}");
        ReadShapes(slide, text);
        if (slide.NotesSlidePart is { } notes)
        {
            text.AppendLine("Notes:");
            ReadShapes(notes, text);
        }
    }

    private static void ReadShapes(OpenXmlPart part, DocumentText text)
    {
        using OpenXmlReader reader = OpenXmlReader.Create(part);
        while (!text.IsFull && reader.Read())
        {
            if (!reader.IsStartElement)
            {
                continue;
            }

            if (reader.ElementType == typeof(Shape))
            {
                ReadShape((Shape)reader.LoadCurrentElement()!, text);
            }
            else if (reader.ElementType == typeof(D.Table))
            {
                ReadTable((D.Table)reader.LoadCurrentElement()!, text);
            }
        }
    }

    private static void ReadShape(Shape shape, DocumentText text)
    {
        PlaceholderValues? kind = shape.NonVisualShapeProperties?.ApplicationNonVisualDrawingProperties?.PlaceholderShape?.Type?.Value;
        if (kind == PlaceholderValues.Title || kind == PlaceholderValues.CenteredTitle)
        {
            text.Section("heading", 1, string.Join(' ', shape.Descendants<D.Paragraph>().Select(Plain)).Trim());
        }

        foreach (D.Paragraph paragraph in shape.Descendants<D.Paragraph>())
        {
            text.AppendLine(Plain(paragraph));
        }
    }

    private static void ReadTable(D.Table table, DocumentText text)
    {
        DocumentTableBuilder rows = text.Table(null);
        foreach (D.TableRow row in table.Elements<D.TableRow>())
        {
            rows.Row([.. row.Elements<D.TableCell>().Select(c => string.Join(' ', c.Descendants<D.Paragraph>().Select(Plain)))]);
        }

        rows.End();
    }

    private static string Plain(D.Paragraph paragraph) => string.Concat(paragraph.Descendants().Select(e => e switch
    {
        D.Text run => run.Text,
        D.Break => "\n",
        _ => "",
    }));
}

using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Presentation;
using DocumentFormat.OpenXml.Spreadsheet;
using DocumentFormat.OpenXml.Wordprocessing;
using D = DocumentFormat.OpenXml.Drawing;
using W = DocumentFormat.OpenXml.Wordprocessing;

namespace Quilt.Cognition.Tests.Documents;

/// <summary>Small office documents, made by the library that also reads them.</summary>
internal static class Office
{
    public static byte[] Word()
    {
        using MemoryStream stream = new();
        using (WordprocessingDocument word = WordprocessingDocument.Create(stream, WordprocessingDocumentType.Document))
        {
            word.PackageProperties.Title = "The report";
            word.PackageProperties.Creator = "Ann";
            MainDocumentPart main = word.AddMainDocumentPart();
            main.AddNewPart<StyleDefinitionsPart>().Styles = new Styles(new Style(new StyleName { Val = "heading 2" }) { StyleId = "berschrift2", Type = StyleValues.Paragraph });
            main.Document = new Document(new Body(
                Line("First chapter", "Heading1"),
                Line("Hello, world."),
                Line("A part", "berschrift2"),
                new W.Table(Row("name", "age"), Row("Bob", "42")),
                Line("The end.")));
        }

        return stream.ToArray();

        static W.Paragraph Line(string text, string? style = null) => new(
            new ParagraphProperties(style is null ? [] : [new ParagraphStyleId { Val = style }]), new W.Run(new W.Text(text)));

        static W.TableRow Row(params string[] cells) => new(cells.Select(c => new W.TableCell(Line(c))));
    }

    public static byte[] Workbook(int rows = 2)
    {
        using MemoryStream stream = new();
        using (SpreadsheetDocument book = SpreadsheetDocument.Create(stream, SpreadsheetDocumentType.Workbook))
        {
            WorkbookPart main = book.AddWorkbookPart();
            main.AddNewPart<SharedStringTablePart>().SharedStringTable = new SharedStringTable(new SharedStringItem(new DocumentFormat.OpenXml.Spreadsheet.Text("shared")));
            WorksheetPart people = main.AddNewPart<WorksheetPart>(), empty = main.AddNewPart<WorksheetPart>();
            SheetData data = new();
            for (uint i = 1; i <= rows; i++)
            {
                data.Append(new Row(
                    new Cell { CellReference = $"A{i}", DataType = CellValues.SharedString, CellValue = new CellValue(0) },
                    new Cell { CellReference = $"C{i}", CellValue = new CellValue((int)i) },
                    new Cell { CellReference = $"D{i}", DataType = CellValues.Boolean, CellValue = new CellValue("1") },
                    new Cell { CellReference = $"E{i}", DataType = CellValues.InlineString, InlineString = new InlineString(new DocumentFormat.OpenXml.Spreadsheet.Text("inline")) }) { RowIndex = i });
            }

            people.Worksheet = new Worksheet(data);
            empty.Worksheet = new Worksheet(new SheetData());
            main.Workbook = new Workbook(new Sheets(
                new Sheet { Id = main.GetIdOfPart(people), SheetId = 1, Name = "People" }, new Sheet { Id = main.GetIdOfPart(empty), SheetId = 2, Name = "Empty" }));
        }

        return stream.ToArray();
    }

    public static byte[] Slides()
    {
        using MemoryStream stream = new();
        using (PresentationDocument presentation = PresentationDocument.Create(stream, PresentationDocumentType.Presentation))
        {
            PresentationPart main = presentation.AddPresentationPart();
            SlideIdList list = new();
            uint id = 256;
            foreach (string title in new[] { "Welcome", "Results" })
            {
                SlidePart slide = main.AddNewPart<SlidePart>();
                slide.Slide = new Slide(new CommonSlideData(new ShapeTree(
                    new DocumentFormat.OpenXml.Presentation.NonVisualGroupShapeProperties(), new GroupShapeProperties(), Shape(title, PlaceholderValues.Title), Shape($"{title} in detail", PlaceholderValues.Body))));
                list.Append(new SlideId { Id = id++, RelationshipId = main.GetIdOfPart(slide) });
            }

            main.Presentation = new Presentation(list);
        }

        return stream.ToArray();

        static DocumentFormat.OpenXml.Presentation.Shape Shape(string text, PlaceholderValues kind) => new(
            new DocumentFormat.OpenXml.Presentation.NonVisualShapeProperties(
                new DocumentFormat.OpenXml.Presentation.NonVisualDrawingProperties { Id = 2, Name = "x" },
                new DocumentFormat.OpenXml.Presentation.NonVisualShapeDrawingProperties(),
                new ApplicationNonVisualDrawingProperties(new PlaceholderShape { Type = kind })),
            new DocumentFormat.OpenXml.Presentation.ShapeProperties(),
            new DocumentFormat.OpenXml.Presentation.TextBody(new D.BodyProperties(), new D.Paragraph(new D.Run(new D.Text(text)))));
    }
}

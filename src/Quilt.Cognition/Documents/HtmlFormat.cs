using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Quilt.Cognition;

/// <summary>What a page shows, without scripts and styles; nothing is fetched and nothing is run.</summary>
internal sealed class HtmlFormat : IDocumentFormat
{
    private static readonly HashSet<string> Unseen = new(StringComparer.OrdinalIgnoreCase) { "script", "style", "noscript", "template", "head", "svg", "iframe", "object" };

    private static readonly HashSet<string> Blocks = new(StringComparer.OrdinalIgnoreCase)
    {
        "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
        "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "tr", "ul",
    };

    public void Read(byte[] document, DocumentText text, DocumentRequest request)
    {
        IHtmlDocument page = new HtmlParser(new HtmlParserOptions { IsScripting = false }).ParseDocument(TextEncoding.Decode(document, text));
        text.Metadata("title", page.Title);
        text.Metadata("language", page.DocumentElement?.GetAttribute("lang"));
        foreach (IElement meta in page.Head?.QuerySelectorAll("meta[name][content]") ?? Enumerable.Empty<IElement>())
        {
            text.Metadata(meta.GetAttribute("name")!.ToLowerInvariant(), meta.GetAttribute("content"));
        }

        if (page.Body is { } body)
        {
            Walk(body, text);
        }
    }

    /// <summary>In the order of the document and without recursion: pages nest as deep as their writers like.</summary>
    private static void Walk(INode root, DocumentText text)
    {
        INode? node = root;
        while (node is not null && !text.IsFull)
        {
            bool enter = Enter(node, text);
            if (enter && node.FirstChild is { } child)
            {
                node = child;
                continue;
            }

            while (node != root && node!.NextSibling is null)
            {
                node = node.Parent;
                Leave(node!, text);
            }

            node = node == root ? null : node!.NextSibling;
        }
    }

    /// <summary>Writes what the node itself shows.</summary>
    /// <returns>Whether its children are to be looked at.</returns>
    private static bool Enter(INode node, DocumentText text)
    {
        switch (node)
        {
            case IText words:
                Words(words.Data, text);
                return false;
            case IElement element when Unseen.Contains(element.LocalName):
                return false;
            case IHtmlTableElement table when table.QuerySelector("table") is null:
                text.EndLine();
                Table(table, text);
                return false;
            case IHtmlHeadingElement heading:
                text.EndLine();
                text.Section("heading", heading.LocalName[1] - '0', Plain(heading));
                return true;
            case IElement element:
                Leave(element, text);
                return true;
            default:
                return false;
        }
    }

    private static void Leave(INode node, DocumentText text)
    {
        if (node is IElement element && Blocks.Contains(element.LocalName))
        {
            text.EndLine();
        }
    }

    private static void Table(IHtmlTableElement table, DocumentText text)
    {
        DocumentTableBuilder rows = text.Table(table.Caption is { } caption ? Plain(caption) : null);
        foreach (IHtmlTableRowElement row in table.Rows)
        {
            if (text.IsFull)
            {
                break;
            }

            rows.Row([.. row.Cells.Select(Plain)]);
        }

        rows.End();
    }

    private static string Plain(INode node)
    {
        StringBuilder plain = new();
        foreach (string word in node.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            plain.Append(plain.Length == 0 ? "" : " ").Append(word);
        }

        return plain.ToString();
    }

    /// <summary>White space is one space, as a browser shows it.</summary>
    private static void Words(string data, DocumentText text)
    {
        int start = -1;
        for (int i = 0; i <= data.Length; i++)
        {
            if (i < data.Length && !char.IsWhiteSpace(data[i]))
            {
                start = start < 0 ? i : start;
                continue;
            }

            if (start >= 0)
            {
                text.Append(data.AsSpan(start, i - start));
                start = -1;
            }

            if (i < data.Length)
            {
                text.Space();
            }
        }
    }
}

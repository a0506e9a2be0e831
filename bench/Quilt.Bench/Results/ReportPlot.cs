using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Results;

/// <summary>The times as horizontal bars on a logarithmic scale, one group for each measurement, for the README.</summary>
internal static class ReportPlot
{
    private const double Width = 900, RowHeight = 21, Head = 40, Foot = 56, NamesWidth = 110;
    private static readonly OxyColor OurColor = OxyColor.FromRgb(0x1B, 0x7F, 0x5C), PeerColor = OxyColor.FromRgb(0xB4, 0xBC, 0xC8), TextColor = OxyColor.FromRgb(0x24, 0x29, 0x2F);

    public static string Write(Report report)
    {
        Measurement[] shown = [.. report.Measurements.Where(m => m.Unit == "ms" && m.Sides.Any(s => s.IsMeasured))];
        List<Bar> bars = [.. shown.SelectMany(Group)];
        double[] values = [.. bars.Where(b => b.Value is not null).Select(b => b.Value!.Value)];
        double least = values.DefaultIfEmpty(1).Min() / 2, most = values.DefaultIfEmpty(10).Max() * 3;
        PlotModel model = new()
        {
            Title = "Milliseconds (p50, logarithmic scale): less is better",
            TitleFontSize = 15,
            DefaultFont = "Helvetica, Arial, sans-serif",
            TextColor = TextColor,
            PlotAreaBorderThickness = new OxyThickness(0),
            Background = OxyColors.White,
            Padding = new OxyThickness(0, 14, 0, 0),
            PlotMargins = new OxyThickness(NamesWidth, double.NaN, 24, Foot),
        };
        CategoryAxis names = new()
        {
            Position = AxisPosition.Left,
            GapWidth = 0.25,
            TickStyle = TickStyle.None,
            IsTickCentered = true,
            StartPosition = 1,
            EndPosition = 0,
        };
        names.Labels.AddRange(bars.Select(b => b.Value is null ? "" : b.Label));
        model.Axes.Add(names);
        model.Axes.Add(new LogarithmicAxis
        {
            Position = AxisPosition.Bottom,
            Minimum = least,
            Maximum = most,
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = OxyColor.FromRgb(0xE6, 0xE9, 0xED),
            TickStyle = TickStyle.None,
            StringFormat = "0.###",
            Title = $"up to {report.Rounds.Counted} interleaved rounds on {report.Cpus} × {report.Processor}, Linux {report.Kernel}, load {report.LoadAtStart:0.0} at the start",
            AxisTitleDistance = 10,
            AxislineStyle = LineStyle.None,
        });
        BarSeries series = new() { BaseValue = least, StrokeThickness = 0, LabelPlacement = LabelPlacement.Outside, LabelFormatString = "{0:0.0}", LabelMargin = 4 };
        series.Items.AddRange(bars.Select((b, i) => new BarItem(b.Value ?? double.NaN, i) { Color = b.Color }));
        model.Series.Add(series);
        foreach ((int row, Bar heading) in bars.Index().Where(b => b.Item.Value is null))
        {
            model.Annotations.Add(new TextAnnotation
            {
                Text = heading.Label,
                FontWeight = FontWeights.Bold,
                TextPosition = new DataPoint(least, row),
                TextHorizontalAlignment = HorizontalAlignment.Left,
                TextVerticalAlignment = VerticalAlignment.Middle,
                StrokeThickness = 0,
                Padding = new OxyThickness(0),
            });
        }

        using MemoryStream stream = new();
        new SvgExporter { Width = Width, Height = (bars.Count * RowHeight) + Head + Foot, UseVerticalTextAlignmentWorkaround = true }.Export(model, stream);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>A heading, then the sides from the quickest to the slowest.</summary>
    private static IEnumerable<Bar> Group(Measurement measurement) =>
    [
        new Bar(measurement.Title, null, PeerColor),
        .. measurement.Sides.Where(s => s.IsMeasured).OrderBy(s => s.P50).Select(Of),
    ];

    private static Bar Of(Samples side) => new(side.Side, side.P50, side.Side == Engines.QuiltEngine.SideName ? OurColor : PeerColor);

    private sealed record Bar(string Label, double? Value, OxyColor Color);
}

using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Facto.Models;
using Facto.Training;
using Facto.Training.Options;

namespace Facto.Tests.Training.Options;

/// <summary>Every option is described once, and everything that speaks of it says the same.</summary>
public sealed partial class OptionTableTests
{
    public static TheoryData<string> Library => [.. Solvers.All.Where(s => s.IsOfLibrary).Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Library))]
    public void Every_option_has_its_property_and_every_property_its_option(string name)
    {
        SolverDescription solver = Solvers.Find(name);
        var described = new HashSet<string>();
        foreach (PropertyInfo property in Properties(TypeOf(name)))
        {
            var options = (SolverOptions)Activator.CreateInstance(TypeOf(name))!;
            property.SetValue(options, Sample(property.PropertyType));
            string option = Assert.Single(options.Values).Key;
            Assert.NotNull(solver.Option(option));
            Assert.True(described.Add(option), $"{property.Name} and another property are both {option}");
            Assert.Equal(Sample(property.PropertyType), property.GetValue(options));
        }

        Assert.Equal(solver.Options.Select(o => o.Name).Order(), described.Order());
    }

    [Theory]
    [MemberData(nameof(Library))]
    public void The_documentation_of_a_property_names_the_tables_range(string name)
    {
        foreach (PropertyInfo property in Properties(TypeOf(name)))
        {
            var options = (SolverOptions)Activator.CreateInstance(TypeOf(name))!;
            property.SetValue(options, Sample(property.PropertyType));
            SolverOption option = Solvers.Find(name).Option(Assert.Single(options.Values).Key)!;
            string summary = Summary(property);
            // What several solvers share is documented once; the one that takes less says so in the same sentence.
            bool narrower = (option.Name, name) is ("reg-factors", "icd") || (option.Name == "factors" && option.Low == 1);
            if (narrower) { Assert.Matches("icd|ranking solvers refuse", summary); }
            else { Assert.EndsWith($"Range: {option.Range}.", summary, StringComparison.Ordinal); }
        }
    }

    [Theory]
    [MemberData(nameof(Library))]
    public void Every_description_is_whole_and_its_default_and_search_lie_in_its_range(string name)
    {
        SolverSettings settings = SolverSettings.Of(new TrainOptions { Solver = name });
        Assert.All(Solvers.Find(name).Options, option =>
        {
            Assert.NotEmpty(option.Summary);
            Assert.NotEmpty(option.WhenToChange);
            Assert.NotEmpty(option.Default);
            double standard = settings[option.Name];
            if (!double.IsNaN(standard)) { option.Check(standard); }
            else { Assert.Contains(name, (string[])["adagrad", "sgd", "adam", "sgda"]); }
            if (option.Search is null) { return; }
            var range = Facto.Training.Tuning.SearchDimension.Parse(option.Name, option.Search);
            option.Check(range.Low);
            option.Check(range.High);
        });
    }

    [Fact]
    public void Typed_options_become_the_form_of_facto_json_and_the_command_line()
    {
        TrainOptions typed = new BilateralSoftmaxOptions
        {
            Factors = 32,
            Seed = ulong.MaxValue,
            Temperature = 0.2,
            LogQ = true,
            Schedule = LearningRateSchedule.Cosine,
            LearningRate = 0.02f,
        }.ToTrainOptions();
        Assert.Equal(
            ("bsl", 32, ulong.MaxValue, 0.02f, LearningRateSchedule.Cosine),
            (typed.Solver, typed.Factors, typed.Seed, typed.LearningRate, typed.Schedule));
        Assert.Equal([("log-q", 1), ("temperature", 0.2)], typed.Extra.Select(e => (e.Key, e.Value)).Order());
        Assert.Null(typed.Epochs);
        Assert.Contains(
            "epochs is 0; it must be at least 1", Fails(() => new AlsOptions { Epochs = 0 }.ToTrainOptions()), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_tell_where_each_value_came_from()
    {
        var options = new TrainOptions { Solver = "icd", Factors = 64, Extra = new Dictionary<string, double> { ["block"] = 32 } };
        Dictionary<string, (string Value, string Origin)> values =
            SolverSettings.Of(options).Values.ToDictionary(v => v.Name, v => (v.Value, v.Origin));
        Assert.Equal(("64", "given"), values["factors"]);
        Assert.Equal(("32", "given"), values["block"]);
        Assert.Equal(("0.0125", "default"), values["init-stdev"]);
        Assert.Equal(("0.003", "default"), values["reg-linear"]);
    }

    [Theory]
    [InlineData("adagrad", "samples", "gibbs does")]
    [InlineData("als", "learning-rate", "adagrad, sgd, adam, sgda, softmax, bsl, slk, bpr, warp do")]
    [InlineData("gibbs", "patience", "icd")]
    [InlineData("softmax", "exponent", "bsl does")]
    [InlineData("sgd", "initial-accumulator", "adagrad, bpr, warp do")]
    public void An_option_that_the_solver_would_not_read_is_refused_with_the_solvers_that_do(string solver, string option, string readers)
    {
        TrainOptions options = Solvers.AllOptions.First(o => o.Name == option).Put(new TrainOptions { Solver = solver }, 1);
        string message = Fails(options.Validate);
        Assert.Contains($"solver '{solver}' has no option '{option}' and would not read it; ", message, StringComparison.Ordinal);
        Assert.Contains(readers, message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_that_another_one_switches_off_is_refused()
    {
        Assert.Contains("option decay is 0.2 and would not be read: only the schedule inverseTime has a decay, and this one is constant",
            Fails(new TrainOptions { Decay = 0.2f }.Validate), StringComparison.Ordinal);
        new TrainOptions { Decay = 0.2f, Schedule = LearningRateSchedule.InverseTime }.Validate();
        Assert.Contains(
            "history-folds", Fails(new TrainOptions { Task = LearningTask.Regression, HistoryFolds = 3 }.Validate),
            StringComparison.Ordinal);
        var noLinear =
            new TrainOptions { Solver = "icd", RegularizationLinear = 1, Extra = new Dictionary<string, double> { ["linear"] = 0 } };
        Assert.Contains("linear is 0", Fails(noLinear.Validate), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("factors", 1.5, "option factors is 1.5; it must be 0 to 65536, a whole number")]
    [InlineData("learning-rate", 0, "option learning-rate is 0; it must be above 0")]
    [InlineData("learning-rate", double.NaN, "option learning-rate is NaN; it must be above 0")]
    [InlineData("history-folds", 1, "option history-folds is 1; it must be 0, or 2 to 100")]
    [InlineData("block", 24, "option block is 24; it must be 0, or a multiple of 16 up to 1024")]
    [InlineData("popularity", -1, "option popularity is -1; it must be 0 to 2")]
    public void A_value_out_of_range_is_told_with_what_is_allowed(string option, double value, string sentence) =>
        Assert.Equal(sentence, Fails(() => Solvers.AllOptions.First(o => o.Name == option).Check(value)));

    [Theory]
    [InlineData(LearningTask.Ranking, "icd")]
    [InlineData(LearningTask.Ordinal, "gibbs")]
    [InlineData(LearningTask.Binary, "adagrad")]
    [InlineData(null, "adagrad")]
    public void A_task_without_a_solver_has_one(LearningTask? task, string solver) =>
        Assert.Equal(solver, SolverSettings.Of(new TrainOptions { Task = task }).Solver);

    private static Type TypeOf(string solver) => typeof(SolverOptions).Assembly.GetTypes()
        .Single(t => t.IsSubclassOf(typeof(SolverOptions)) && !t.IsAbstract && t.GetConstructor([]) is not null
            && ((SolverOptions)Activator.CreateInstance(t)!).Solver == solver);

    private static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties().Where(p => p.Name is not (nameof(SolverOptions.Solver) or nameof(SolverOptions.Task)));

    private static object Sample(Type type) => Nullable.GetUnderlyingType(type) switch
    {
        { IsEnum: true } choice => Enum.ToObject(choice, 2),
        var t when t == typeof(bool) => true,
        null when type == typeof(string) => Losses.All[^1].Name,
        var t => Convert.ChangeType(16, t!, System.Globalization.CultureInfo.InvariantCulture),
    };

    private static string Summary(PropertyInfo property)
    {
        XElement member = XDocument.Load(Path.ChangeExtension(typeof(SolverOptions).Assembly.Location, ".xml")).Descendants("member")
            .Single(m => (string?)m.Attribute("name") == $"P:{property.DeclaringType!.FullName}.{property.Name}");
        return Spaces().Replace(string.Concat(member.Element("summary")!.Nodes()), " ").Trim();
    }

    private static string Fails(Action action) => Assert.Throws<FactoException>(action).Message;

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

import ArgumentParser

/// The options of every list.
struct ListOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Show at most so many.", valueName: "n"))
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "Order by a field of the JSON output, downwards with :desc; several with commas.",
            valueName: "field[:desc]"
        )
    )
    var sort: String?

    @Option(
        help: ArgumentHelp(
            "Only those whose field has this value. Can be repeated: for other fields all must hold, for the same one any.",
            valueName: "field=value"
        )
    )
    var filter: [String] = []

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    }

    /// - Throws: `Failure` (usage) for a field that the records of this list do not have.
    func choice<Record: Listed>(of record: Record.Type = Record.self) throws(Failure) -> Choice<Record> {
        try Choice(limit: limit, sort: sort, filters: filter)
    }
}

"""The R program that reads the tables, runs the user's script, and writes what it returns."""

RUNNER = r"""
.modeldesk <- local({
  arguments <- commandArgs(trailingOnly = TRUE)
  work <- arguments[1]
  seed <- as.integer(arguments[2])
  script <- file.path(work, "script.R")

  texts <- function(name, count) {
    file <- file.path(work, name)
    if (count == 0) return(character())
    found <- readBin(file, "character", count)
    Encoding(found) <- "UTF-8"
    found
  }

  numbers <- function(name, what, count) {
    readBin(file.path(work, name), what, count, size = if (what == "double") 8L else 4L,
            endian = "little")
  }

  ends <- function(name) {
    content <- readBin(file.path(work, name), "raw", file.size(file.path(work, name)))
    sum(content == as.raw(0))
  }

  read_column <- function(name, kind, rows) {
    if (kind == "number" || kind == "datetime") {
      values <- numbers(name, "double", rows)
      values[is.nan(values)] <- NA_real_
      if (kind == "number") return(values)
      zone <- readLines(file.path(work, paste0(name, ".zone")), warn = FALSE)
      return(.POSIXct(values, tz = if (length(zone)) zone else "UTC"))
    }
    if (kind == "string") {
      values <- texts(name, rows)
      lost <- readBin(file.path(work, paste0(name, ".missing")), "raw", rows)
      values[lost != as.raw(0)] <- NA_character_
      return(values)
    }
    values <- numbers(name, "integer", rows)
    if (kind == "boolean") return(as.logical(values))
    if (kind == "integer") return(values)
    levels <- paste0(name, ".levels")
    structure(values, levels = texts(levels, ends(levels)),
              class = if (kind == "ordered") c("ordered", "factor") else "factor")
  }

  read_frame <- function(port) {
    if (!dir.exists(file.path(work, port))) return(NULL)
    at <- function(name) file.path(port, name)
    rows <- as.integer(readLines(file.path(work, at("rows")), warn = FALSE))
    count <- ends(at("names"))
    kinds <- texts(at("kinds"), count)
    columns <- lapply(seq_len(count), function(i) read_column(at(i), kinds[i], rows))
    structure(columns, names = texts(at("names"), count), class = "data.frame",
              row.names = .set_row_names(rows))
  }

  problem <- function(code, ...) {
    stop(structure(class = c("modeldesk", "error", "condition"),
                   list(message = paste0(...), call = NULL, code = code)))
  }

  write_texts <- function(values, file) {
    writeBin(enc2utf8(as.character(values)), file, useBytes = TRUE)
  }

  write_column <- function(column, name, file) {
    if (inherits(column, "Date")) column <- .POSIXct(as.numeric(column) * 86400, tz = "UTC")
    if (inherits(column, "POSIXlt")) column <- as.POSIXct(column)
    if (inherits(column, "POSIXct")) {
      writeBin(as.double(column), file, size = 8L, endian = "little")
      zone <- attr(column, "tzone")
      writeLines(if (is.null(zone)) "" else zone[1], paste0(file, ".zone"))
      return("datetime")
    }
    if (is.factor(column)) {
      writeBin(as.integer(column), file, size = 4L, endian = "little")
      write_texts(levels(column), paste0(file, ".levels"))
      return(if (is.ordered(column)) "ordered" else "factor")
    }
    if (inherits(column, "difftime")) {
      units(column) <- "secs"
      column <- as.double(column)
    }
    if (is.complex(column)) column <- ifelse(is.na(column), NA_character_, as.character(column))
    if (is.logical(column) || (is.integer(column) && !is.object(column))) {
      writeBin(as.integer(column), file, size = 4L, endian = "little")
      return(if (is.logical(column)) "boolean" else "integer")
    }
    if (is.numeric(column)) {
      writeBin(as.double(column), file, size = 8L, endian = "little")
      return("number")
    }
    if (is.character(column) || !is.list(column) && is.object(column)) {
      column <- as.character(column)
      writeBin(as.raw(is.na(column)), paste0(file, ".missing"))
      write_texts(ifelse(is.na(column), "", column), file)
      return("string")
    }
    problem("wrong-column", "Column \u201c", name, "\u201d is a ", class(column)[1],
            ", which can't be in a table.")
  }

  write_frame <- function(frame, port) {
    folder <- file.path(work, port)
    dir.create(folder)
    rows <- nrow(frame)
    frame <- lapply(frame, function(column) {
      if (inherits(column, "AsIs")) class(column) <- setdiff(class(column), "AsIs")
      column
    })
    wide <- vapply(frame, function(column) length(dim(column)) == 2L, logical(1))
    if (any(wide)) frame <- as.list(do.call(data.frame, c(frame, check.names = FALSE)))
    kinds <- vapply(seq_along(frame), function(i) {
      write_column(frame[[i]], names(frame)[i], file.path(folder, i))
    }, character(1))
    write_texts(names(frame), file.path(folder, "names"))
    write_texts(kinds, file.path(folder, "kinds"))
    writeLines(format(rows, scientific = FALSE), file.path(folder, "rows"))
  }

  results <- function(returned) {
    if (is.data.frame(returned)) return(list(returned, NULL))
    if (is.null(returned)) return(list(NULL, NULL))
    if (!is.list(returned)) {
      problem("not-a-data-frame", "azureml_main returned a ", class(returned)[1],
              ", not a data frame.")
    }
    known <- c("dataset1", "dataset2")
    if (any(names(returned) %in% known)) {
      unknown <- setdiff(names(returned), known)
      found <- list(returned$dataset1, returned$dataset2)
    } else {
      unknown <- character()
      found <- returned[1:2]
    }
    if (length(unknown) || length(returned) > 2) {
      problem("too-many-results", "azureml_main returned ", length(returned),
              " values, but there are only two outputs, dataset1 and dataset2.")
    }
    for (i in seq_along(found)) {
      if (!is.null(found[[i]]) && !is.data.frame(found[[i]])) {
        problem("not-a-data-frame", "azureml_main returned a ", class(found[[i]])[1], " as ",
                known[i], ", not a data frame.")
      }
    }
    found
  }

  line_of <- function(calls) {
    for (call in rev(calls)) {
      reference <- attr(call, "srcref")
      file <- attr(reference, "srcfile")
      if (!is.null(file) && identical(basename(file$filename), "script.R")) {
        return(as.integer(reference)[1])
      }
    }
    NA
  }

  failed <- function(condition, line, calls) {
    code <- if (inherits(condition, "modeldesk")) condition$code else "script-failed"
    text <- conditionMessage(condition)
    write_texts(c(code, text, if (is.na(line)) "" else line), file.path(work, "error"))
    if (code == "script-failed") {
      shown <- vapply(calls, function(call) {
        substr(paste(deparse(call, nlines = 1L), collapse = " "), 1, 100)
      }, character(1))
      hidden <- grepl("^(withCallingHandlers|\\.handleSimpleError|h\\(simpleError)", shown)
      message("Error: ", text)
      shown <- utils::tail(shown[!hidden], 30)
      if (length(shown)) message("Called from:\n", paste0("  ", shown, collapse = "\n"))
    }
    quit(save = "no", status = 1L)
  }

  list(
    run = function() {
      options(warn = 1, keep.source = TRUE, stringsAsFactors = FALSE, device = function(...) {
        grDevices::png(file.path(work, "plots", "Plot %03d.png"), width = 1400, height = 1000,
                       res = 150, type = "cairo")
      })
      line <- NA
      main <- NULL
      withCallingHandlers({
        expressions <- parse(script, keep.source = TRUE, encoding = "UTF-8")
        references <- attr(expressions, "srcref")
        set.seed(seed)
        for (i in seq_along(expressions)) {
          line <- as.integer(references[[i]])[1]
          eval(expressions[[i]], globalenv())
        }
        line <- NA
        main <- get0("azureml_main", globalenv(), mode = "function", inherits = FALSE)
        if (is.null(main)) {
          problem("no-azureml-main", "The script doesn't define a function azureml_main.")
        }
        first <- read_frame("dataset1")
        second <- read_frame("dataset2")
        returned <- if (length(formals(main)) == 1L) main(first) else main(first, second)
        while (grDevices::dev.cur() > 1L) grDevices::dev.off()
        found <- results(returned)
        if (all(vapply(found, is.null, logical(1)))) {
          problem("no-results", "azureml_main returned nothing.")
        }
        for (i in 1:2) if (!is.null(found[[i]])) write_frame(found[[i]], paste0("result", i))
        file.create(file.path(work, "done"))
      }, error = function(condition) {
        calls <- sys.calls()
        inner <- line_of(calls)
        failed(condition, if (is.na(inner)) line else inner, calls)
      })
    }
  )
})
invisible(.modeldesk$run())
"""

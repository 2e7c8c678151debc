"""`petition stats rebuild`: all read models anew, out of the services' event logs (ADR 0012).

feed         the logs, page by page
scratch      the folder for what is put by meanwhile
shelf        events put by, by the month in which their petition was registered
lives        one petition's life told from its events, by what the handlers tell it with
sums         the roll-ups of many lives, in memory, month after month
generation   the new tables beside the live ones
comparison   what the two generations tell differently
rebuild      the whole of it: read, tell, catch up, compare, switch
"""
